import { describe } from 'node:test'
import { playScenarios } from './scenarios.ts'

describe('with JavaScript', () => playScenarios(import.meta.url, { javaScript: true }))
