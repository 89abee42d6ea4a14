import type { PeopleResults } from '../../../core/wire/operations/people.ts'
import { type Handlers, reads } from '../wire/handlers.ts'

export const peopleOperations: Handlers<keyof PeopleResults> = {
  'people.join': reads((params, { services, page }) => ({ id: services.people.join(page, params) })),
  'people.at': reads((params, { services, page }) => {
    services.people.at(page, params)
    return {}
  }),
}
