import { Type } from '@fastify/type-provider-typebox'
import { expand, object } from '../parameters/fields.ts'

/** The object that the path names. */
export const Named = Type.Object({ id: Type.String() })
/** The query of every call that reads one object. */
export const Retrieve = object({ expand: expand() })
