// What ten main pages tell a screen reader: headings, regions, fields and buttons in their order.
// Names and numbers that vary are left out.
import { addresses } from '../routes.ts';
import { as, expect, test } from '../fixtures.ts';

const PUBLIC: [path: string, snapshot: string][] = [
  [
    '/login',
    `
    - heading "Log in" [level=1]
    - textbox "Email or username"
    - textbox "Password"
    - button "Log in"
    - paragraph:
      - link "Forgot your password?"
    - paragraph:
      - link "Register"
    `,
  ],
  [
    '/register',
    `
    - heading "Register" [level=1]
    - textbox "First name"
    - textbox "Last name"
    - textbox "Email"
    - button "Send the link"
    - paragraph:
      - link "Back to login"
    `,
  ],
];

const STAFF: [path: string, snapshot: string][] = [
  [
    '/clients',
    `
    - heading "All clients" [level=1]
    - link "New client"
    - search:
      - searchbox "Search"
      - combobox "Status"
      - combobox "Type"
      - combobox "Tag"
      - combobox "Practitioner"
    - paragraph: /\\d+ clients/
    - table:
      - rowgroup:
        - row /Select all on this page Name No\\. Code Status/:
          - cell "Select all on this page":
            - checkbox "Select all on this page"
          - columnheader "Name"
          - columnheader "No."
          - columnheader "Code"
          - columnheader "Status"
    `,
  ],
  [
    '/clients/new',
    `
    - link "All clients"
    - heading "New client" [level=1]
    - navigation "Type":
      - list:
        - listitem:
          - link "Individual"
        - listitem:
          - link "Couple"
        - listitem:
          - link "Family"
        - listitem:
          - link "Group"
    - textbox "First name"
    - textbox "Last name"
    - textbox "Date of birth (optional)"
    - textbox "Email"
    - checkbox "Send email" [checked]
    - textbox "Mobile number"
    - checkbox "Send text messages"
    - combobox "Preferred language"
    - combobox "Time zone"
    - textbox "Client code (optional)"
    - combobox "Status"
    - button "Create client"
    - link "Cancel"
    `,
  ],
  [
    '/settings',
    `
    - heading "Settings" [level=1]
    - region "Practice":
      - heading "Practice" [level=2]
      - list:
        - listitem:
          - link /^Practice details/
        - listitem:
          - link /^Locations/
        - listitem:
          - link /^Team/
        - listitem:
          - link /^Sections/
    - region "About clients":
      - heading "About clients" [level=2]
    - region "Appointments":
      - heading "Appointments" [level=2]
    `,
  ],
  [
    '/settings/team',
    `
    - link "Settings"
    - heading "Team" [level=1]
    - table:
      - rowgroup:
        - row "Name Email Roles Status Actions":
          - columnheader "Name"
          - columnheader "Email"
          - columnheader "Roles"
          - columnheader "Status"
          - columnheader "Actions"
    `,
  ],
  [
    '/activities',
    `
    - heading "Activities" [level=1]
    - link "New activity"
    `,
  ],
  [
    'ana',
    `
    - link "All clients"
    - heading /^Ana Okafor/ [level=1]
    - link "New appointment"
    - link "Edit"
    - region "Details":
      - heading "Details" [level=2]
    - region "Contact":
      - heading "Contact" [level=2]
    - heading "Appointments" [level=2]
    - region "Waiting list":
      - heading "Waiting list" [level=2]
      - link "Add to waiting list"
    - region "Linked clients":
      - heading "Linked clients" [level=2]
      - link "Add relationship"
      - article:
        - heading [level=3]
    - region "Member of":
      - heading "Member of" [level=2]
    - region "Additional information":
      - heading "Additional information" [level=2]
    `,
  ],
];

const PARENT: [path: string, snapshot: string][] = [
  [
    '/my',
    `
    - heading /^Hello, / [level=1]
    - link "Book an appointment"
    - region "To do":
      - heading "To do" [level=2]
    - region "Next appointments":
      - heading "Next appointments" [level=2]
    - navigation "More"
    `,
  ],
  [
    '/my/details',
    `
    - heading "My details" [level=1]
    - paragraph: /Something wrong\\?/
    - link "Edit my details"
    - region "Contact details":
      - heading "Contact details" [level=2]
      - term: Email
    - region "Communication preferences":
      - heading "Communication preferences" [level=2]
      - checkbox
      - checkbox
      - checkbox
      - button "Save preferences"
    - region "Your record":
      - heading "Your record" [level=2]
      - term: Name
      - term: Number
    `,
  ],
  [
    '/account',
    `
    - heading "My account" [level=1]
    - region "Email address":
      - heading "Email address" [level=2]
      - textbox "New email"
      - textbox "Current password"
      - button "Send the link"
    - region "Calendar feeds":
      - heading "Calendar feeds" [level=2]
      - link "Calendar feeds"
    `,
  ],
];

for (const [who, email, pages] of [
  ['logged out', null, PUBLIC],
  ['front desk', 'staff@demo.test', STAFF],
  ['parent', 'parent@demo.test', PARENT],
] as const) {
  test(`what main pages tell a screen reader: ${who} @js`, async ({ page, desk }) => {
    const { ana } = await addresses(desk);
    if (email !== null) await as(page, email);
    for (const [path, snapshot] of pages) {
      await page.goto(path === 'ana' ? ana : path);
      await expect(page.getByRole('main'), path).toMatchAriaSnapshot(snapshot);
    }
  });
}
