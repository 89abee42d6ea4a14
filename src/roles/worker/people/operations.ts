import type { PeopleResults } from '../../../core/wire/operations/people.ts'
import { type Handlers, reads } from '../wire/handlers.ts'

export const peopleOperations: Handlers<keyof PeopleResults> = {
  'people.join': reads((params, { services, page }) => ({ id: services.people.join(page, params) })),
  'people.at': reads((params, { services, page }) => {
    if (services.people.at(page, params)) services.activity.note('person')
    return {}
  }),
  'people.stirs': reads((_params, { services }) => {
    services.activity.note('person')
    return {}
  }),
}
