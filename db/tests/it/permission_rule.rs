//! Whatever the practice answers, whatever exceptions, grants and statuses there are: each door of the portal
//! opens exactly where the rule says so. All permissions are set together, by chance.

use crate::appointments::{Practice, at, practice};
use crate::support::forms::Office;
use db::messages::{expand_next, reply};
use db::permissions::offered;
use db::{Actor, Error, PgPool, Result, appointments, clients, documents, forms, links, portal, requests};
use shared::accounts::Secret;
use shared::appointments::Move;
use shared::documents::DocumentForm;
use shared::links::{Grants, InvitationForm};
use shared::permissions::{Permission, Setting, effective};
use shared::practice::HoursForm;
use shared::{AppointmentId, ClientId, DocumentId, Refusal, RequestId};
use std::collections::BTreeMap;
use testkit::{Dice, client_actor, number, rounds, seed};

/// What a round is about.
struct Cell {
    settings: BTreeMap<&'static str, Setting>,
    exceptions: BTreeMap<(bool, &'static str), Option<bool>>,
    /// What Ana may do for Mia.
    may: Grants,
    mia_active: bool,
}

impl Cell {
    fn roll(dice: &mut Dice) -> Cell {
        let mut cell = Cell {
            settings: BTreeMap::new(),
            exceptions: BTreeMap::new(),
            may: Grants { book: dice.coin(), forms: dice.coin(), copies: true, packages: false },
            mia_active: dice.roll(5) > 0,
        };
        for permission in Permission::ALL {
            let word = permission.as_str();
            cell.settings.insert(word, [Setting::Never, Setting::Off, Setting::On, Setting::On][dice.roll(4)]);
            for mia in [true, false] {
                cell.exceptions.insert((mia, word), dice.pick(&[None, None, Some(false), Some(true)]));
            }
        }
        cell
    }

    /// Of Mia's record, or of Ana's.
    fn opens(&self, mia: bool, permission: Permission) -> bool {
        effective(self.settings[permission.as_str()], self.exceptions[&(mia, permission.as_str())])
    }

    /// Whether a grant of Mia's lets Ana do it.
    fn grants(&self, permission: Permission) -> bool {
        match permission {
            Permission::SeeForms | Permission::CompleteForms => self.may.forms,
            Permission::SeeAppointments
            | Permission::Book
            | Permission::Move
            | Permission::Cancel
            | Permission::SeePractitioners => self.may.book,
            _ => false,
        }
    }
}

struct Doors {
    pool: PgPool,
    practice: Practice,
    office: Office,
    mia: Actor,
    ana: Actor,
    request: RequestId,
    document: DocumentId,
}

/// Whether it was done; anything but a refusal of the portal is none.
fn done<T: std::fmt::Debug>(answer: Result<T>) -> bool {
    match answer {
        Ok(_) => true,
        Err(Error::Refused(Refusal::NotFound | Refusal::Forbidden | Refusal::LinkEnded | Refusal::DeadLink)) => false,
        other => panic!("{other:?}"),
    }
}

impl Doors {
    async fn new(pool: &PgPool) -> Doors {
        let practice = practice(pool).await;
        let office = Office::new(pool).await;
        let (mia, ana) = (client_actor(pool, "Mia").await, client_actor(pool, "Ana").await);
        let run = async |sql: &str| {
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(pool).await.unwrap();
        };
        run("update practice set portal_bookings_max = 200, quiet_minutes = 0;
             update portal_detail set setting = 'editable';
             update client set email = lower(first_name) || '@kin.test', email_consent = true")
        .await;
        run(&format!(
            "insert into client_link (id, client_low, client_high, low_label, high_label)
             values (gen_random_uuid(), least('{0}'::uuid, '{1}'), greatest('{0}'::uuid, '{1}'), 'other', 'other');
             insert into client_practitioner (client_id, practitioner_id) values ('{0}', '{2}')",
            mia.id(),
            ana.id(),
            practice.practitioner
        ))
        .await;
        let request = office.ask("form", &mia).await;
        let key = db::new_id().to_string();
        let text =
            DocumentForm { title: "Report".into(), body: "# Well".into(), request_key: key, ..DocumentForm::default() };
        let mia_number = number(pool, ClientId(mia.id())).await;
        let document = documents::create(pool, &practice.staff, mia_number, &text).await.unwrap();
        documents::share(pool, &practice.staff, document).await.unwrap();
        Doors { pool: pool.clone(), practice, office, mia, ana, request, document }
    }

    async fn set(&self, cell: &Cell) {
        let pool = &self.pool;
        let (low, high) = (self.ana.id() < self.mia.id(), self.ana.id() > self.mia.id());
        sqlx::query("delete from client_portal_permission").execute(pool).await.unwrap();
        for (word, setting) in &cell.settings {
            let sql = "update portal_permission set setting = $2 where permission = $1";
            sqlx::query(sql).bind(word).bind(setting.as_str()).execute(pool).await.unwrap();
        }
        for ((mia, word), answer) in &cell.exceptions {
            let Some(allowed) = answer else { continue };
            let sql =
                "insert into client_portal_permission (client_id, permission, allowed, set_by) values ($1, $2, $3, $4)";
            let whose = if *mia { self.mia.id() } else { self.ana.id() };
            let set = sqlx::query(sql).bind(whose).bind(word).bind(allowed).bind(self.practice.staff.id());
            set.execute(pool).await.unwrap();
        }
        sqlx::query(
            "update client_link set low_may_book = $1 and $3, high_may_book = $2 and $3, low_may_forms = $1 and $4,
                    high_may_forms = $2 and $4, low_gets_copies = $1, high_gets_copies = $2",
        )
        .bind(low)
        .bind(high)
        .bind(cell.may.book)
        .bind(cell.may.forms)
        .execute(pool)
        .await
        .unwrap();
        let status = if cell.mia_active { "active" } else { "inactive" };
        let sql = "update client set status = $2 where id = $1";
        sqlx::query(sql).bind(self.mia.id()).bind(status).execute(pool).await.unwrap();
    }

    /// Booked by staff while nothing stands in the way, with the links of the two mails.
    async fn visit(&self, days: u64) -> (AppointmentId, [Secret; 2]) {
        let pool = &self.pool;
        let booking = self.practice.booking(&self.mia, at(days));
        let id = appointments::book(pool, &self.practice.staff, booking).await.unwrap();
        sqlx::query("update appointment_participant set assigned = 'everyone'").execute(pool).await.unwrap();
        while expand_next(pool, "https://kin.test").await.unwrap() {}
        let link = async |address: &str| {
            let sql = "select body from message_copy where address = $1 and body like '%/m/%'";
            let body: String = sqlx::query_scalar(sql).bind(address).fetch_one(pool).await.unwrap();
            let secret = body.split("https://kin.test/m/").nth(1).unwrap().split_whitespace().next().unwrap();
            Secret(secret.to_owned())
        };
        (id, [link("mia@kin.test").await, link("ana@kin.test").await])
    }

    /// Every door of one of the two, tried: the first is what the rule says.
    async fn of(&self, cell: &Cell, own: bool, visit: AppointmentId, link: &Secret) -> Vec<(Permission, bool, bool)> {
        let (pool, who) = (&self.pool, if own { &self.mia } else { &self.ana });
        let (me, mia) = (who.client().unwrap(), ClientId(self.mia.id()));
        // Who acts needs the grant too; who is booked or fills in must be active.
        let may = |permission| cell.opens(true, permission) && (own || cell.grants(permission));
        let mut found = Vec::new();
        let sees = appointments::mine(pool, me).await.unwrap().iter().any(|one| one.id == visit);
        found.push((Permission::SeeAppointments, may(Permission::SeeAppointments), sees));
        found.push((
            Permission::SeeAppointments,
            may(Permission::SeeAppointments),
            done(appointments::mine_one(pool, me, visit).await),
        ));
        let books = links::bookable_by(pool, me).await.unwrap().iter().any(|one| one.id == mia);
        found.push((Permission::Book, may(Permission::Book) && cell.mia_active, books));
        let listed = requests::mine(pool, me).await.unwrap().iter().any(|one| one.id == self.request);
        found.push((Permission::SeeForms, may(Permission::SeeForms) && cell.mia_active, listed));
        let fills = done(forms::open(pool, me, self.request, None).await);
        found.push((Permission::CompleteForms, may(Permission::CompleteForms) && cell.mia_active, fills));
        let kept = done(self.office.draft(who, self.request, "begun").await);
        found.push((Permission::CompleteForms, may(Permission::CompleteForms) && cell.mia_active, kept));
        let shown = portal::practitioners(pool, me).await.unwrap();
        let with = may(Permission::SeePractitioners) && (own || cell.opens(true, Permission::SeeAppointments));
        let named = shown.iter().any(|one| one.own == own && (own || one.others.iter().any(|name| name == "Mia Test")));
        found.push((Permission::SeePractitioners, with, named));
        let reads = documents::mine(pool, me).await.unwrap().iter().any(|one| one.id == self.document);
        found.push((Permission::SeeDocuments, own && may(Permission::SeeDocuments), reads));
        // What is about one's own record alone, and no grant opens.
        let mine = |permission| cell.opens(own, permission);
        let past = done(appointments::past_of_own(pool, me, None, 10).await);
        found.push((Permission::SeeHistory, mine(Permission::SeeHistory), past));
        let hours = done(clients::save_availability(pool, who, None, &HoursForm::default()).await);
        found.push((Permission::EditAvailability, mine(Permission::EditAvailability), hours));
        let record = clients::own(pool, who).await.unwrap();
        let saved = done(clients::save_own_record(pool, who, &record.record.form(record.version)).await);
        found.push((Permission::EditDetails, mine(Permission::EditDetails), saved));
        let asks = InvitationForm { email: "someone@kin.test".into(), may: Grants::default() };
        let invites = done(links::invite(pool, who, &asks).await);
        found.push((Permission::InviteLinks, mine(Permission::InviteLinks), invites));
        if cell.mia_active {
            let opened = done(reply::open(pool, link).await);
            found.push((Permission::SeeAppointments, may(Permission::SeeAppointments), opened));
        }
        for permission in Permission::ALL {
            let any = offered(pool, me).await.unwrap().any(*permission);
            let others = !own && cell.grants(*permission) && cell.opens(true, *permission);
            found.push((*permission, mine(*permission) || others, any));
        }
        found
    }
}

#[testkit::test]
async fn any_setting_exception_grant_and_status_open_what_the_rule_says_and_nothing_else(pool: PgPool) {
    let doors = Doors::new(&pool).await;
    let open = Cell {
        settings: Permission::ALL.iter().map(|one| (one.as_str(), Setting::On)).collect(),
        exceptions: BTreeMap::new(),
        may: Grants { book: true, forms: true, copies: true, packages: false },
        mia_active: true,
    };
    let mut dice = Dice::new(seed());
    for _ in 0..rounds(60, 4_000) {
        doors.set(&open).await;
        let (visit, links) = doors.visit(9).await;
        let cell = Cell::roll(&mut dice);
        doors.set(&cell).await;
        for (own, link) in [(true, &links[0]), (false, &links[1])] {
            // An inactive client has no session.
            if own && !cell.mia_active {
                continue;
            }
            let whose = if own { "own" } else { "proxy" };
            for (permission, expected, found) in doors.of(&cell, own, visit, link).await {
                assert_eq!(found, expected, "{whose} {permission:?} {:?} {:?}", cell.settings, cell.exceptions);
            }
            if cell.mia_active {
                let who = if own { &doors.mia } else { &doors.ana };
                let acts = own || cell.may.book;
                let days = if own { 11 } else { 13 };
                let version = sqlx::query_scalar("select version from appointment").fetch_one(&pool).await.unwrap();
                let starts_at = at(days);
                let to = Move { appointment: visit, version, starts_at, practitioner: None, room: None, over: None };
                let moved = appointments::reschedule(&pool, who, to, "").await;
                let expected = acts && cell.opens(true, Permission::Move);
                assert_eq!(done(moved), expected, "{whose} Move");
            }
        }
        if cell.mia_active {
            // By the one who acts for her first: what is done stays done.
            for (who, own) in [(&doors.ana, false), (&doors.mia, true)] {
                let expected = (own || cell.may.book) && cell.opens(true, Permission::Cancel);
                assert_eq!(done(appointments::cancel(&pool, who, visit).await), expected, "cancel, own: {own}");
                if expected {
                    break;
                }
            }
        }
        sqlx::raw_sql(
            "delete from message_copy; delete from message; delete from appointment; delete from link_invitation;
                       delete from form_response where state = 'draft'",
        )
        .execute(&pool)
        .await
        .unwrap();
    }
}
