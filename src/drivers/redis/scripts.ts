import abandonOnce from './lua/abandon-once-1.lua'
import beat from './lua/beat-4.lua'
import beginDelete from './lua/begin-delete-2.lua'
import beginOnce from './lua/begin-once-1.lua'
import changeSettings from './lua/change-settings-1.lua'
import confirm from './lua/confirm-2.lua'
import drain from './lua/drain-4.lua'
import find from './lua/find-2.lua'
import findHost from './lua/find-host-3.lua'
import finishOnce from './lua/finish-once-1.lua'
import listHosts from './lua/list-hosts-3.lua'
import markSilent from './lua/mark-silent-3.lua'
import now from './lua/now.lua'
import offer from './lua/offer.lua'
import place from './lua/place-7.lua'
import record from './lua/record-3.lua'
import register from './lua/register-4.lua'
import release from './lua/release-7.lua'
import removeHost from './lua/remove-host-4.lua'
import { Script } from './script.ts'

/** The atomic steps on a fleet. The number is that of the file's name: how many keys it takes. */
export const scripts = {
  place: new Script(7, now, offer, place),
  release: new Script(7, offer, release),
  confirm: new Script(2, now, confirm),
  beginDelete: new Script(2, now, beginDelete),
  find: new Script(2, find),
  register: new Script(4, now, offer, register),
  beat: new Script(4, now, offer, beat),
  markSilent: new Script(3, now, markSilent),
  drain: new Script(4, offer, drain),
  removeHost: new Script(4, removeHost),
  findHost: new Script(3, findHost),
  listHosts: new Script(3, listHosts),
  record: new Script(3, now, record),
  beginOnce: new Script(1, beginOnce),
  finishOnce: new Script(1, finishOnce),
  abandonOnce: new Script(1, abandonOnce),
  changeSettings: new Script(1, now, changeSettings),
}
