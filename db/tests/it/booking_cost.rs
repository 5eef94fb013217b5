//! How often a booking asks the database. Sixteen who book at the same time share a processor:
//! each statement more is felt by all of them.

use crate::appointments::{at, practice};
use db::{PgPool, appointments};
use sqlx::postgres::PgPoolOptions;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::client_actor;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Begin, what it may take, the locks, what is held of it, what is near, the hours, the rows, the
/// message, the audit, commit; and one to spare.
const PLAIN_MAX: usize = 11;

/// Counts what sqlx tells of each statement of this thread.
struct Counter(Arc<AtomicUsize>);

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[testkit::test]
async fn a_booking_in_the_portal_is_few_statements(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    // The first assigns the practitioner.
    appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let mut least = usize::MAX;
    // Now and then a connection is opened, or asked whether it is still there.
    for day in 3..6 {
        let booking = practice.booking(&mia, at(day));
        let _counting = tracing::subscriber::set_default(Counter(count.clone()));
        count.store(0, Ordering::Relaxed);
        appointments::book(&pool, &mia, booking).await.unwrap();
        least = least.min(count.load(Ordering::Relaxed));
    }
    assert!(least > 4 && least <= PLAIN_MAX, "{least} statements");
}

/// From its sixth execution on a statement is planned once for all values.
async fn planned_once(pool: &PgPool) -> PgPool {
    let options = (*pool.connect_options()).clone().options([("plan_cache_mode", "force_generic_plan")]);
    PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}

/// Entries of indexes that were read of what is mailed.
async fn entries_read(pool: &PgPool) -> i64 {
    sqlx::query("select pg_stat_force_next_flush()").execute(pool).await.unwrap();
    let sql =
        "select sum(idx_tup_read)::bigint + (select seq_tup_read from pg_stat_user_tables where relname = 'message')
                 from pg_stat_user_indexes where relname = 'message'";
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

#[testkit::test]
async fn a_booking_reads_no_mail_of_other_appointments(pool: PgPool) {
    let practice = practice(&pool).await;
    let mia = client_actor(&pool, "Mia").await;
    appointments::book(&pool, &mia, practice.booking(&mia, at(2))).await.unwrap();
    sqlx::query(
        "insert into message (id, kind, appointment_id, participant_id, subject_version, due_at, state, finished_at)
         select gen_random_uuid(), 'confirmation', p.appointment_id, p.id, 1000 + n, now(), 'done', now()
           from appointment_participant p cross join generate_series(1, 5000) n",
    )
    .execute(&pool)
    .await
    .unwrap();
    sqlx::query("analyze").execute(&pool).await.unwrap();
    let one = planned_once(&pool).await;
    let before = entries_read(&one).await;
    appointments::book(&one, &mia, practice.booking(&mia, at(3))).await.unwrap();
    let read = entries_read(&one).await - before;
    assert!(read < 100, "{read} entries were read");
}
