// Reads Kindred's calendar files with ical.js, which knows no zones but those that a file writes
// out, and reports what differs:
//
//   calendars.mjs zones STRETCHES FILE   every zone of FILE, beside what the example `zones` prints
//   calendars.mjs events FOLDER          feeds and mails of FOLDER beside its expected.tsv

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ICAL from 'ical.js'

const END = 2_082_758_400
let wrong = 0

function differ(...what) {
  wrong += 1
  if (wrong <= 20) console.log('differs:', ...what)
}

/** The zones that a file writes out, by name. */
function zonesOf(calendar) {
  return new Map(
    calendar.getAllSubcomponents('vtimezone').map((one) => [one.getFirstPropertyValue('tzid'), new ICAL.Timezone(one)]),
  )
}

function read(file) {
  return new ICAL.Component(ICAL.parse(readFileSync(file, 'utf8')))
}

/** The offset on the wall clock of that second. */
function offset(zone, second, seconds) {
  const wall = new ICAL.Time()
  wall.fromUnixTime(second + seconds)
  wall.zone = zone
  return zone.utcOffset(wall)
}

function zones(stretches, file) {
  const known = zonesOf(read(file))
  const rows = new Map()
  for (const line of readFileSync(stretches, 'utf8').trim().split('\n')) {
    const [name, second, seconds] = line.split(' ')
    if (!rows.has(name)) rows.set(name, [])
    rows.get(name).push([Number(second), Number(seconds)])
  }
  rows.delete('UTC')
  let changes = 0
  for (const [name, list] of rows) {
    const zone = known.get(name)
    changes += list.length - 1
    for (const [index, [start, seconds]] of list.entries()) {
      const [end, next] = list[index + 1] ?? [END, seconds]
      const before = list[index - 1]?.[1] ?? seconds
      // Wall clocks that come twice have one offset here, and the file writes them in UTC or the
      // first time: nothing is asked of them.
      const from = start + Math.max(0, before - seconds)
      const to = end - 1 - Math.max(0, seconds - next)
      for (const second of [from, Math.floor((from + to) / 2), to]) {
        const found = offset(zone, second, seconds)
        if (found !== seconds) differ(name, second, seconds, 'ical.js has', found)
      }
    }
  }
  console.log(`ical.js: ${rows.size} zones, ${changes} changes: ${wrong} differ`)
  return rows.size >= 400
}

function events(folder) {
  const wanted = new Map()
  for (const line of readFileSync(join(folder, 'expected.tsv'), 'utf8').trimEnd().split('\n')) {
    const [file, ...fields] = line.split('\t')
    if (!wanted.has(file)) wanted.set(file, [])
    wanted.get(file).push(fields)
  }
  let count = 0
  for (const [file, list] of wanted) {
    const calendar = read(join(folder, file))
    const known = zonesOf(calendar)
    const found = new Map(
      calendar.getAllSubcomponents('vevent').map((one) => [one.getFirstPropertyValue('uid'), new ICAL.Event(one)]),
    )
    if (found.size !== list.length) differ(file, found.size, 'events, not', list.length)
    for (const [uid, starts, ends, wall, zone, cancelled, summary, place] of list) {
      count += 1
      const event = found.get(uid)
      if (!event) {
        differ(file, uid, 'is missing')
        continue
      }
      const seen = []
      for (const name of ['dtstart', 'dtend']) {
        const property = event.component.getFirstProperty(name)
        const time = property.getFirstValue().clone()
        const tzid = property.getFirstParameter('tzid')
        if (tzid) {
          if (tzid !== zone) differ(file, uid, tzid, 'not', zone)
          time.zone = known.get(tzid)
        }
        if (name === 'dtstart' && tzid && time.toICALString() !== wall) differ(file, uid, time.toICALString(), wall)
        seen.push([time.toUnixTime(), known.get(tzid), time])
      }
      for (const [index, second] of [Number(starts), Number(ends)].entries()) {
        if (seen[index][0] !== second && !twice(seen[index], second)) differ(file, uid, seen[index][0], 'not', second)
      }
      const status = event.component.getFirstPropertyValue('status')
      if ((status === 'CANCELLED') !== (cancelled === '1')) differ(file, uid, status)
      if (event.summary !== summary || (event.location ?? '') !== place) differ(file, uid, event.summary, event.location)
      if (event.isRecurring()) differ(file, uid, 'repeats')
    }
  }
  console.log(`ical.js: ${count} events of ${wanted.size} files: ${wrong} differ`)
  return count > 0
}

/**
 * ical.js takes the second of two equal wall clocks, RFC 5545 the first: whether that is all, by
 * the clocks three hours earlier.
 */
function twice([found, zone, time], second) {
  if (!zone) return false
  const [earlier, plain] = [time.clone(), time.clone()]
  earlier.adjust(0, -3, 0, 0)
  plain.zone = ICAL.Timezone.utcTimezone
  return found > second && zone.utcOffset(earlier) === plain.toUnixTime() - second
}

const [mode, ...rest] = process.argv.slice(2)
const whole = { zones, events }[mode](...rest)
process.exit(wrong > 0 || !whole ? 1 : 0)
