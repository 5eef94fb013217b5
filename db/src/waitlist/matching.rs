//! Who waits for a time that is free: the free times of each entry, asked one by one with the
//! rules of booking, that fall into the gap.

use crate::appointments::free_times::{FreeQuery, free_days_without, venue_zone};
use crate::time::Zone;
use crate::{Actor, PgConnection, PgPool, Result};
use chrono::{DateTime, Datelike, Days, TimeDelta, Utc};
use shared::appointments::instant;
use shared::practice::{Hours, local};
use shared::slots::Span;
use shared::waitlist::within;
use shared::{AppointmentId, ClientId, ClientNumber, ServiceId, StaffId, WaitId};
use std::collections::HashMap;
use uuid::Uuid;

/// How many entries are looked at for one gap, and of how many free times are asked.
const LOOKED_AT_MAX: i64 = 500;
const TRIED_MAX: usize = 40;
/// The longest gap that is looked through, in days.
const DAYS_MAX: u64 = 28;

/// A time that became free; of everyone where no practitioner is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    pub practitioner: Option<StaffId>,
    pub span: Span,
}

/// Someone who waits, and the first time in the gap that suits them.
#[derive(Debug, Clone)]
pub struct Fit {
    pub entry: WaitId,
    pub client: ClientId,
    pub number: ClientNumber,
    pub name: String,
    pub service_name: String,
    pub urgent: bool,
    pub entered_at: DateTime<Utc>,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub practitioner: StaffId,
    pub practitioner_name: String,
}

/// Who waits and fits, urgent ones first, then who waits longest: at most `most` of the
/// clients that the viewer sees.
pub async fn fitting(pool: &PgPool, actor: &Actor, gap: Gap, most: usize) -> Result<Vec<Fit>> {
    find(pool, gap, actor.staff()?.scope(), false, most).await
}

/// [`fitting`], of all clients. `online`: only times that they could book themselves.
pub(super) async fn find(pool: &PgPool, gap: Gap, scope: Option<Uuid>, online: bool, most: usize) -> Result<Vec<Fit>> {
    let now = Utc::now();
    let zone = venue_zone(pool).await?;
    let span = Span { starts: gap.span.starts.max(now), ends: gap.span.ends };
    if span.starts >= span.ends {
        return Ok(Vec::new());
    }
    let (first, last) = (zone.date(span.starts), zone.date(span.ends - TimeDelta::seconds(1)));
    let last = last.min(first + Days::new(DAYS_MAX));
    let rows = sqlx::query!(
        r#"select w.id as "id: WaitId", w.client_id as "client: ClientId", c.number as "number!: ClientNumber", c.name as "name!",
                  w.service_id as "service: ServiceId", s.name as service_name, w.practitioner_id as "practitioner: StaffId",
                  w.first_on, w.last_on, w.urgent, w.entered_at, c.zone as "client_zone!",
                  a.id as "appointment?: AppointmentId", a.starts_at as "appointment_at?"
             from waitlist_entry w
             -- One by one: a join would read all clients and appointments.
             cross join lateral (
                   select k.id, k.number, k.zone, client_name(k) as name from client k
                    where k.id = w.client_id and k.status = 'active' and k.erased_at is null offset 0) c
             join service s on s.id = w.service_id and s.active and (s.in_portal or not $6)
             left join lateral (
                   select id, starts_at from appointment
                    where id = w.appointment_id and status in ('requested', 'confirmed') and starts_at > now() offset 0) a on true
            where w.state = 'waiting' and w.first_on <= $2 and w.last_on >= $1
              and (w.appointment_id is null or a.id is not null)
              and ($3::uuid is null or w.practitioner_id is null or w.practitioner_id = $3)
              and ($3::uuid is null or exists (
                   select from service_practitioner o where o.service_id = s.id and o.practitioner_id = $3))
              and (w.location_id is null
                   or w.location_id = (select id from location where active order by main desc, name limit 1))
              and exists (select from client_in_scope(c.id, $4))
              -- What is offered by itself is offered by mail.
              and (not $6 or portal_may(w.client_id, 'book')
                   and (w.appointment_id is null or portal_may(w.client_id, 'move')) and exists (
                   select from client r
                    where r.email is not null and r.email_consent and r.status = 'active'
                      and r.id in (select w.client_id union all
                                   select g.holder from client_grant g where g.subject = w.client_id and g.may_book)))
            order by w.urgent desc, w.entered_at, w.id limit $5"#,
        first,
        last,
        gap.practitioner.map(|id| id.0),
        scope,
        LOOKED_AT_MAX,
        online
    )
    .fetch_all(pool)
    .await?;
    let entries: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let mut all = Suits::read(&mut *pool.acquire().await?, &entries).await?;
    let (mut fits, mut tried) = (Vec::new(), 0);
    for row in rows {
        let suits = all.remove(&row.id).unwrap_or_default();
        let clocks = if suits.own { zone.clone() } else { Zone::stored(&row.client_zone) };
        if !suits.may_suit(&clocks, span, gap.practitioner) {
            continue;
        }
        if tried == TRIED_MAX {
            break;
        }
        tried += 1;
        let query = FreeQuery {
            service: row.service,
            practitioner: row.practitioner.or(gap.practitioner),
            client: Some(row.client),
            first: first.max(row.first_on),
            last: last.min(row.last_on),
            portal: online,
        };
        let days = free_days_without(pool, query, row.appointment, now).await?;
        let fitting = days.into_iter().flat_map(|day| day.times).filter_map(|time| {
            let own = Span { starts: instant(&time.starts_at).ok()?, ends: instant(&time.ends_at).ok()? };
            let earlier = row.appointment_at.is_none_or(|at| own.starts < at);
            let fits = own.overlaps(span) && earlier && !(online && time.ask) && suits.at(&clocks, own);
            (fits && !suits.was_offered(time.practitioner, own)).then_some((own.starts, own.ends, time))
        });
        // Rather one that begins in the gap than one that reaches into it.
        let found = fitting.min_by_key(|(starts, ..)| (*starts < span.starts, *starts));
        let Some((starts_at, ends_at, time)) = found else { continue };
        fits.push(Fit {
            entry: row.id,
            client: row.client,
            number: row.number,
            name: row.name,
            service_name: row.service_name,
            urgent: row.urgent,
            entered_at: row.entered_at,
            starts_at,
            ends_at,
            practitioner: time.practitioner,
            practitioner_name: time.practitioner_name,
        });
        if fits.len() == most {
            break;
        }
    }
    Ok(fits)
}

/// When someone can come, and what they were offered before.
#[derive(Default)]
struct Suits {
    /// The windows are those of the entry, on the clocks of the venue; else the weekly
    /// availability, on the client's.
    own: bool,
    windows: Vec<Hours>,
    /// What they declined or did not answer.
    offered: Vec<(StaffId, Span)>,
}

impl Suits {
    async fn read(conn: &mut PgConnection, entries: &[Uuid]) -> Result<HashMap<WaitId, Suits>> {
        let mut all: HashMap<WaitId, Suits> = HashMap::new();
        let windows = sqlx::query!(
            r#"select entry_id as "entry!: WaitId", weekday as "weekday!", starts as "starts!", ends as "ends!", true as "own!"
                 from waitlist_window where entry_id = any ($1)
               union all
               select w.id, v.weekday, v.starts, v.ends, false
                 from waitlist_entry w join client_availability v on v.client_id = w.client_id
                where w.id = any ($1) and not exists (select from waitlist_window o where o.entry_id = w.id)"#,
            entries
        )
        .fetch_all(&mut *conn)
        .await?;
        for row in windows {
            let suits = all.entry(row.entry).or_default();
            suits.own = row.own;
            suits.windows.push(Hours { weekday: row.weekday, starts: row.starts, ends: row.ends });
        }
        let offered = sqlx::query!(
            r#"select entry_id as "entry: WaitId", practitioner_id as "practitioner: StaffId", starts_at, ends_at
                 from waitlist_offer where entry_id = any ($1) and state in ('declined', 'lapsed')"#,
            entries
        )
        .fetch_all(conn)
        .await?;
        for row in offered {
            let span = Span { starts: row.starts_at, ends: row.ends_at };
            all.entry(row.entry).or_default().offered.push((row.practitioner, span));
        }
        Ok(all)
    }

    /// Whether anything in the gap might suit, before free times are asked.
    fn may_suit(&self, clocks: &Zone, gap: Span, practitioner: Option<StaffId>) -> bool {
        let covers = |(with, span): &(StaffId, Span)| {
            Some(*with) == practitioner && span.starts <= gap.starts && gap.ends <= span.ends
        };
        let (starts, ends) = (clocks.local(gap.starts), clocks.local(gap.ends));
        let reaches = self.windows.iter().any(|one| {
            let dates = starts.date().iter_days().take_while(|date| *date <= ends.date());
            dates
                .filter(|date| date.weekday().number_from_monday() as i16 == one.weekday)
                .any(|date| local(date, one.starts) < ends && starts < local(date, one.ends))
        });
        (self.windows.is_empty() || reaches) && !self.offered.iter().any(covers)
    }

    fn at(&self, clocks: &Zone, span: Span) -> bool {
        within(&self.windows, clocks.local(span.starts), clocks.local(span.ends))
    }

    /// What was declined, or not answered, is not offered again, nor a part of it.
    fn was_offered(&self, practitioner: StaffId, span: Span) -> bool {
        self.offered.iter().any(|(with, offered)| *with == practitioner && offered.overlaps(span))
    }
}
