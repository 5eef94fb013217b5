// Reads the mails of a folder with postal-mime beside its expected.json.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import PostalMime from 'postal-mime'

const folder = process.argv[2]
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))
let wrong = 0

function differ(...what) {
  wrong += 1
  console.log('differs:', ...what)
}

for (const one of expected) {
  const mail = await PostalMime.parse(readFileSync(join(folder, one.file)))
  const header = (name) => mail.headers.find((other) => other.key === name)?.value ?? ''
  if (mail.subject !== one.subject) differ(one.file, 'subject', mail.subject)
  const to = mail.to.map((other) => other.address)
  if (to.join() !== one.to) differ(one.file, 'to', to)
  for (const line of one.lines) if (!mail.text.includes(line)) differ(one.file, 'text lacks', line)
  const words = mail.html.replace(/<[^>]*>/g, ' ')
  if (mail.text.includes('{') || words.includes('{')) differ(one.file, 'a raw placeholder')
  if (header('list-unsubscribe-post') !== 'List-Unsubscribe=One-Click') differ(one.file, 'no one-click unsubscribe')
  const files = mail.attachments.filter((other) => other.filename?.endsWith('.ics'))
  if (files.length !== one.calendars) differ(one.file, 'calendar files', files.length)
}
console.log(`${expected.length} mails by postal-mime, ${wrong} differ`)
process.exit(wrong > 0 || expected.length === 0 ? 1 : 0)
