//! Linked people: who they are to each other, and what they grant.

use crate::column;
use crate::person::Person;
use crate::team::{GRACE, PRIYA, TOMAS, Team};
use chrono::{DateTime, Utc};
use db::{Result, new_id};
use shared::clients::Status;
use shared::links::{Grants, Label};
use sqlx::PgConnection;
use uuid::Uuid;

pub struct Family {
    pub practitioner: usize,
    pub members: &'static [Member],
    ties: &'static [Tie],
}

pub struct Member {
    pub first: &'static str,
    pub last: &'static str,
    pub age: u32,
    pub login: Option<&'static str>,
    pub alert: &'static str,
    pub active: bool,
}

/// Between two members by position: what each is to the other, and what each
/// may do for the other.
struct Tie {
    members: (usize, usize),
    labels: (Label, Label),
    may: (Grants, Grants),
}

/// Who has a part in [`crate::diary`], by position among all the people.
pub const ANA: usize = 0;
pub const MIA: usize = 2;
pub const LEO: usize = 3;
/// The number of people known by name: the Okafors and Sam.
pub const KNOWN: usize = 6;

const NONE: Grants = Grants { book: false, forms: false, copies: false, packages: false };
const ALL: Grants = Grants { book: true, forms: true, copies: true, packages: true };
const BOOK: Grants = Grants { book: true, ..NONE };
const COPIES: Grants = Grants { copies: true, ..NONE };
const BOOK_AND_COPIES: Grants = Grants { copies: true, ..BOOK };

const fn member(first: &'static str, last: &'static str, age: u32) -> Member {
    Member { first, last, age, login: None, alert: "", active: true }
}

const fn tie(members: (usize, usize), labels: (Label, Label), may: (Grants, Grants)) -> Tie {
    Tie { members, labels, may }
}

const fn parent(parent: usize, child: usize, may: Grants) -> Tie {
    tie((parent, child), (Label::Parent, Label::Child), (may, NONE))
}

const fn grandparent(grandparent: usize, child: usize, may: Grants) -> Tie {
    tie((grandparent, child), (Label::Grandparent, Label::Other), (may, NONE))
}

const fn partners(one: usize, other: usize, may: Grants) -> Tie {
    tie((one, other), (Label::Partner, Label::Partner), (may, may))
}

const fn siblings(one: usize, other: usize) -> Tie {
    tie((one, other), (Label::Sibling, Label::Sibling), (NONE, NONE))
}

#[rustfmt::skip]
pub const FAMILIES: &[Family] = &[
    Family {
        practitioner: PRIYA,
        members: &[
            Member { login: Some("parent@demo.test"), ..member("Ana", "Okafor", 38) },
            Member { login: Some("partner@demo.test"), ..member("Daniel", "Okafor", 41) },
            Member { alert: "Peanut allergy", ..member("Mia", "Okafor", 9) },
            member("Leo", "Okafor", 6),
            member("Ruth", "Okafor", 70),
        ],
        ties: &[
            partners(0, 1, COPIES),
            parent(0, 2, ALL), parent(0, 3, ALL),
            parent(1, 2, COPIES), parent(1, 3, BOOK),
            grandparent(4, 2, NONE), grandparent(4, 3, NONE),
        ],
    },
    Family {
        practitioner: TOMAS,
        members: &[Member { login: Some("unlinked@demo.test"), ..member("Sam", "Whitfield", 33) }],
        ties: &[],
    },
    Family {
        practitioner: GRACE,
        members: &[member("Luc", "Tremblay", 41), member("Annick", "Tremblay", 39), member("Zoé", "Tremblay", 8), member("Émile", "Tremblay", 5)],
        ties: &[
            partners(0, 1, BOOK_AND_COPIES), siblings(2, 3),
            parent(0, 2, ALL), parent(0, 3, ALL), parent(1, 2, ALL), parent(1, 3, ALL),
        ],
    },
    Family {
        practitioner: GRACE,
        members: &[member("Minh", "Nguyen", 44), member("Linh", "Tran", 42), member("Bao", "Nguyen", 12), member("Mai", "Nguyen", 10)],
        ties: &[
            partners(0, 1, COPIES), parent(1, 2, ALL), parent(1, 3, ALL),
            parent(0, 2, BOOK_AND_COPIES), parent(0, 3, BOOK_AND_COPIES),
        ],
    },
    Family {
        practitioner: GRACE,
        members: &[member("Harpreet", "Singh", 38), member("Gurleen", "Kaur", 36), member("Arjan", "Singh", 7)],
        ties: &[partners(0, 1, NONE), parent(1, 2, ALL), parent(0, 2, ALL)],
    },
    Family {
        practitioner: PRIYA,
        members: &[member("Elena", "Moretti", 52), member("Matteo", "Rossi", 14)],
        ties: &[tie((0, 1), (Label::Guardian, Label::Child), (ALL, NONE))],
    },
    Family {
        practitioner: PRIYA,
        members: &[member("Keiko", "Nakamura", 45), member("Haruto", "Nakamura", 11), Member { alert: "Latex allergy", ..member("Yui", "Nakamura", 9) }],
        ties: &[parent(0, 1, ALL), parent(0, 2, ALL), siblings(1, 2)],
    },
    Family {
        practitioner: GRACE,
        members: &[member("Layla", "Al-Masri", 37), member("Omar", "Al-Masri", 40), member("Noor", "Al-Masri", 6), member("Yusuf", "Al-Masri", 5)],
        ties: &[
            partners(0, 1, COPIES), parent(0, 2, ALL), parent(0, 3, ALL),
            parent(1, 2, BOOK), parent(1, 3, BOOK), siblings(2, 3),
        ],
    },
    Family {
        practitioner: TOMAS,
        members: &[member("David", "Cohen", 35), member("Rachel", "Levy", 34)],
        ties: &[partners(0, 1, BOOK_AND_COPIES)],
    },
    Family {
        practitioner: PRIYA,
        members: &[
            member("Marta", "Kowalczyk", 48), member("Jakub", "Kowalczyk", 15),
            Member { active: false, ..member("Danuta", "Kowalczyk", 74) },
        ],
        ties: &[parent(0, 1, BOOK_AND_COPIES), tie((2, 0), (Label::Parent, Label::Child), (NONE, COPIES)), grandparent(2, 1, BOOK)],
    },
    Family {
        practitioner: GRACE,
        members: &[member("Kwame", "Mensah", 43), member("Akosua", "Mensah", 13), member("Kofi", "Mensah", 11)],
        ties: &[parent(0, 1, ALL), parent(0, 2, ALL), siblings(1, 2)],
    },
    Family {
        practitioner: PRIYA,
        members: &[
            member("Carmen", "Hernández", 33), member("Valentina", "Hernández", 5),
            Member { alert: "Use side entrance: wheelchair", ..member("Rosa", "Hernández", 66) },
        ],
        ties: &[parent(0, 1, ALL), grandparent(2, 1, BOOK_AND_COPIES), tie((0, 2), (Label::Child, Label::Parent), (ALL, NONE))],
    },
    Family {
        practitioner: TOMAS,
        members: &[member("Sarah", "Cardinal", 40), member("River", "Cardinal", 15)],
        ties: &[parent(0, 1, ALL)],
    },
    Family {
        practitioner: TOMAS,
        members: &[member("Jordan", "Sinclair", 29), member("Morgan", "Whitefeather", 31)],
        ties: &[partners(0, 1, ALL)],
    },
    Family {
        practitioner: TOMAS,
        members: &[member("Ingrid", "Larsen", 58), member("Astrid", "Larsen", 83)],
        ties: &[tie((0, 1), (Label::Other, Label::Parent), (ALL, NONE))],
    },
];

/// Makes anyone who may book for a child the proxy of the child's appointments.
pub fn name_proxies(people: &mut [Person]) {
    let mut first = 0;
    for family in FAMILIES {
        for Tie { members: (holder, subject), may, .. } in family.ties {
            let proxy = people[first + holder].id;
            let person = &mut people[first + subject];
            if may.0.book && person.is_child() && person.proxy.is_none() {
                person.proxy = Some(proxy);
            }
        }
        first += family.members.len();
    }
}

/// A row of `client_link`: ids, labels and grants of the lower and the higher.
pub struct Link {
    ids: (Uuid, Uuid),
    labels: (Label, Label),
    may: (Grants, Grants),
    created_at: DateTime<Utc>,
}

/// The links between the people, families first among them.
pub fn links(people: &[Person]) -> Vec<Link> {
    let mut links = Vec::new();
    let mut rest = people;
    for family in FAMILIES {
        let (members, others) = rest.split_at(family.members.len());
        links.extend(family.ties.iter().map(|tie| link(tie, &members[tie.members.0], &members[tie.members.1])));
        rest = others;
    }
    links.extend(parents(rest));
    links
}

/// How many children of the crowd come alone.
const ALONE: usize = 2;

/// Most children of the crowd have a parent there, of the same name if there is one of the age.
fn parents(crowd: &[Person]) -> Vec<Link> {
    let (mut taken, mut links) = (Vec::new(), Vec::new());
    let active = || crowd.iter().filter(|person| person.status == Status::Active);
    for child in active().filter(|person| person.is_child()).skip(ALONE) {
        let fits = |one: &&Person| {
            (child.age + 20..=child.age + 46).contains(&one.age) && one.email.is_some() && !taken.contains(&one.id)
        };
        let same_name = active().filter(fits).find(|one| one.last_name == child.last_name);
        if let Some(adult) = same_name.or_else(|| active().find(fits)) {
            taken.push(adult.id);
            links.push(link(&parent(0, 0, ALL), adult, child));
        }
    }
    links
}

fn link(tie: &Tie, one: &Person, other: &Person) -> Link {
    let Tie { labels, may, .. } = *tie;
    let created_at = one.created_at.max(other.created_at);
    if one.id < other.id {
        Link { ids: (one.id, other.id), labels, may, created_at }
    } else {
        Link { ids: (other.id, one.id), labels: (labels.1, labels.0), may: (may.1, may.0), created_at }
    }
}

/// The links, and for each the start of its history.
pub async fn insert(conn: &mut PgConnection, links: &[Link], team: &Team) -> Result<()> {
    sqlx::query!(
        "insert into client_link (id, client_low, client_high, low_label, high_label,
                                  low_may_book, low_may_forms, low_gets_copies, low_may_packages,
                                  high_may_book, high_may_forms, high_gets_copies, high_may_packages, created_at)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[],
                              $6::boolean[], $7::boolean[], $8::boolean[], $9::boolean[],
                              $10::boolean[], $11::boolean[], $12::boolean[], $13::boolean[], $14::timestamptz[])",
        &column(links, |_| new_id()),
        &column(links, |link| link.ids.0),
        &column(links, |link| link.ids.1),
        &column(links, |link| link.labels.0.as_str().to_owned()),
        &column(links, |link| link.labels.1.as_str().to_owned()),
        &column(links, |link| link.may.0.book),
        &column(links, |link| link.may.0.forms),
        &column(links, |link| link.may.0.copies),
        &column(links, |link| link.may.0.packages),
        &column(links, |link| link.may.1.book),
        &column(links, |link| link.may.1.forms),
        &column(links, |link| link.may.1.copies),
        &column(links, |link| link.may.1.packages),
        &column(links, |link| link.created_at)
    )
    .execute(&mut *conn)
    .await?;
    let (actor, name) = team.administrator();
    sqlx::query!(
        "insert into client_link_event (id, client_low, client_high, kind, state, actor_id, actor_name, at)
         select gen_random_uuid(), client_low, client_high, 'created',
                to_jsonb(l) - array['id', 'client_low', 'client_high', 'version', 'created_at'], $1, $2, created_at
           from client_link l",
        actor,
        name
    )
    .execute(conn)
    .await?;
    Ok(())
}
