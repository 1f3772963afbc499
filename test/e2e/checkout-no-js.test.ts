import { describe } from 'node:test'
import { playScenarios } from './scenarios.ts'

describe('without JavaScript', () => playScenarios(import.meta.url, { javaScript: false }))
