import abandonOnce from './lua/abandon-once-1.lua'
import adopt from './lua/adopt-8.lua'
import beat from './lua/beat-5.lua'
import beginDelete from './lua/begin-delete-2.lua'
import beginOnce from './lua/begin-once-1.lua'
import burnLaunch from './lua/burn-launch-1.lua'
import changeLaunch from './lua/change-launch-2.lua'
import changeSettings from './lua/change-settings-1.lua'
import confirm from './lua/confirm-2.lua'
import deletedAmong from './lua/deleted-among-1.lua'
import drain from './lua/drain-5.lua'
import drainInTurn from './lua/drain-in-turn-6.lua'
import draining from './lua/draining.lua'
import endLease from './lua/end-lease-1.lua'
import endMove from './lua/end-move-4.lua'
import exchangeLaunch from './lua/exchange-launch-2.lua'
import fence from './lua/fence.lua'
import find from './lua/find-2.lua'
import findHost from './lua/find-host-4.lua'
import finishOnce from './lua/finish-once-1.lua'
import forgetLaunch from './lua/forget-launch-2.lua'
import held from './lua/held.lua'
import joinLaunch from './lua/join-launch-1.lua'
import lease from './lua/lease-1.lua'
import listHosts from './lua/list-hosts-4.lua'
import living from './lua/living.lua'
import mark from './lua/mark-1.lua'
import markSilent from './lua/mark-silent-3.lua'
import now from './lua/now.lua'
import offer from './lua/offer.lua'
import orderLaunch from './lua/order-launch-3.lua'
import place from './lua/place-9.lua'
import record from './lua/record-3.lua'
import register from './lua/register-5.lua'
import rehost from './lua/rehost-6.lua'
import release from './lua/release-9.lua'
import removeHost from './lua/remove-host-5.lua'
import rename from './lua/rename-2.lua'
import reportLaunch from './lua/report-launch-1.lua'
import reserveMove from './lua/reserve-move-5.lua'
import setExpiry from './lua/set-expiry-1.lua'
import wait from './lua/wait-2.lua'
import { Script } from './script.ts'

/** The atomic steps on a fleet. The number is that of the file's name: how many keys it takes. */
export const scripts = {
  place: new Script(9, now, offer, place),
  release: new Script(9, now, offer, held, release),
  confirm: new Script(2, now, living, confirm),
  mark: new Script(1, now, living, mark),
  adopt: new Script(8, now, offer, adopt),
  reserveMove: new Script(5, offer, held, living, reserveMove),
  endMove: new Script(4, offer, held, endMove),
  rehost: new Script(6, now, offer, held, living, rehost),
  rename: new Script(2, rename),
  setExpiry: new Script(1, setExpiry),
  beginDelete: new Script(2, now, beginDelete),
  find: new Script(2, find),
  deletedAmong: new Script(1, now, deletedAmong),
  register: new Script(5, now, offer, register),
  beat: new Script(5, now, offer, beat),
  markSilent: new Script(3, now, markSilent),
  drain: new Script(5, offer, draining, drain),
  drainInTurn: new Script(6, offer, draining, drainInTurn),
  removeHost: new Script(5, removeHost),
  findHost: new Script(4, findHost),
  listHosts: new Script(4, listHosts),
  record: new Script(3, now, record),
  beginOnce: new Script(1, beginOnce),
  finishOnce: new Script(1, finishOnce),
  abandonOnce: new Script(1, abandonOnce),
  lease: new Script(1, now, lease),
  endLease: new Script(1, endLease),
  changeSettings: new Script(1, now, changeSettings),
  orderLaunch: new Script(3, now, fence, orderLaunch),
  changeLaunch: new Script(2, now, fence, changeLaunch),
  exchangeLaunch: new Script(2, fence, exchangeLaunch),
  joinLaunch: new Script(1, now, joinLaunch),
  burnLaunch: new Script(1, burnLaunch),
  reportLaunch: new Script(1, reportLaunch),
  forgetLaunch: new Script(2, fence, forgetLaunch),
  wait: new Script(2, now, wait),
}
