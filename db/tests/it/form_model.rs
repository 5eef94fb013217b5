//! Forms under any sequence of asking, typing, sending, publishing, amending and unlinking, beside a
//! small model: what was sent stays as it was, one response of a request counts, and those who act
//! for someone read nothing but what is outstanding and their own draft.

use crate::support::forms::{Office, answers, family, grant_forms, signing, unlink};
use db::forms::Response;
use db::{Actor, PgPool, forms, requests};
use shared::forms::{Answers, Definition, Edit, Filled, FormForm, ItemForm, ItemKind, ResponseState};
use shared::{FormVersionId, RequestId, ResponseId};
use sqlx::{query, query_scalar};
use std::collections::{BTreeMap, BTreeSet};
use testkit::{Dice, rounds, seed};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// By the person at this place.
    Done(usize),
    Withdrawn,
}

struct Asked {
    id: RequestId,
    state: State,
    /// What each has typed, by their place, and the version that they typed it on.
    drafts: BTreeMap<usize, (String, FormVersionId)>,
}

/// Mia is at place 0; Ana and Dan act for her.
struct Model {
    office: Office,
    people: [Actor; 3],
    granted: [bool; 3],
    active: [bool; 3],
    asked: Vec<Asked>,
    /// What stands on paper of each response that was sent.
    sent: BTreeMap<ResponseId, String>,
    count: usize,
}

/// All that a print shows of what was sent.
fn print(response: &Response) -> String {
    let signatures: Vec<_> =
        response.signatures.iter().map(|one| (&one.name, &one.statement, &one.hash, one.at)).collect();
    format!(
        "{:?}",
        (
            response.version,
            &response.definition,
            &response.answers,
            response.submitted_at,
            &response.author,
            signatures
        )
    )
}

impl Model {
    async fn new(pool: &PgPool) -> Model {
        let office = Office::new(pool).await;
        let (mia, ana, dan) = family(pool).await;
        let (asked, sent) = (Vec::new(), BTreeMap::new());
        Model { office, people: [mia, ana, dan], granted: [true; 3], active: [true; 3], asked, sent, count: 0 }
    }

    /// Whether the person may fill in what is asked of Mia.
    fn may(&self, who: usize) -> bool {
        self.granted[who] && self.active[who] && self.active[0]
    }

    async fn step(&mut self, dice: &mut Dice) {
        let pool = self.office.pool.clone();
        let who = dice.roll(3);
        let place = (!self.asked.is_empty()).then(|| dice.roll(self.asked.len()));
        self.count += 1;
        let text = format!("canary {} of {who}", self.count);
        match (dice.roll(12), place) {
            (0, _) if self.asked.iter().all(|one| one.state != State::Open) => {
                let id = self.office.ask("form", &self.people[0]).await;
                self.asked.push(Asked { id, state: State::Open, drafts: BTreeMap::new() });
            }
            (1, _) => self.publish().await,
            (2, _) if who > 0 => {
                match self.granted[who] {
                    true => unlink(&pool, &self.people[who], &self.people[0]).await,
                    false => grant_forms(&pool, &self.people[who], &self.people[0]).await,
                }
                self.granted[who] = !self.granted[who];
                requests::work(&pool).await.unwrap();
                self.forget();
            }
            (3, _) => {
                self.active[who] = !self.active[who];
                query("update client set status = case when $2 then 'active' else 'inactive' end where id = $1")
                    .bind(self.people[who].id())
                    .bind(self.active[who])
                    .execute(&pool)
                    .await
                    .unwrap();
                requests::work(&pool).await.unwrap();
                self.forget();
            }
            (4, Some(at)) if dice.coin() && self.asked[at].state == State::Open => {
                requests::withdraw(&pool, &self.office.admin, self.asked[at].id).await.unwrap();
                self.asked[at].state = State::Withdrawn;
                self.asked[at].drafts.clear();
            }
            (5 | 6, Some(at)) => self.draft(at, who, &text).await,
            (7 | 8, Some(at)) => self.send(at, who, &text).await,
            (9, _) => self.amend(dice, &text).await,
            (10, _) => self.in_error(dice).await,
            _ => {}
        }
    }

    /// Drafts of those who may no longer fill it in are gone.
    fn forget(&mut self) {
        let may = [0, 1, 2].map(|who| self.may(who));
        for one in &mut self.asked {
            one.drafts.retain(|who, _| may[*who]);
        }
    }

    /// Another question comes to the next version.
    async fn publish(&mut self) {
        let (pool, admin, form) = (&self.office.pool, &self.office.admin, self.office.form);
        let seen = Some(forms::one(pool, admin, form).await.unwrap().version);
        let item = forms::edit(pool, admin, form, seen, &Edit::Add(ItemKind::Long)).await.unwrap();
        let text = ItemForm { text: format!("Question {}", self.count), ..ItemForm::default() };
        let seen = Some(forms::one(pool, admin, form).await.unwrap().version);
        forms::edit(pool, admin, form, seen, &Edit::Save(item, Box::new(text))).await.unwrap();
        self.office.publish().await;
    }

    async fn draft(&mut self, at: usize, who: usize, text: &str) {
        let version = self.version(at, who).await;
        let filled = answers(text, "", "");
        let saved = forms::save_draft(&self.office.pool, &self.people[who], self.asked[at].id, version, &filled).await;
        let may = self.may(who) && self.asked[at].state == State::Open;
        assert_eq!(saved.is_ok(), may, "{saved:?}");
        if may {
            self.asked[at].drafts.insert(who, (text.to_owned(), version));
        }
    }

    /// Their draft's, or the newest.
    async fn version(&self, at: usize, who: usize) -> FormVersionId {
        match self.asked[at].drafts.get(&who) {
            Some((_, version)) => *version,
            None => self.office.newest().await,
        }
    }

    async fn send(&mut self, at: usize, who: usize, text: &str) {
        let pool = self.office.pool.clone();
        let version = self.version(at, who).await;
        let filled = answers(text, self.people[who].name(), if who == 0 { "self" } else { "parent" });
        let sent = forms::submit(&pool, &self.people[who], self.asked[at].id, version, &filled, &signing()).await;
        let may = self.may(who) && self.asked[at].state == State::Open;
        assert_eq!(sent.is_ok(), may, "{sent:?}");
        if let Ok(id) = sent {
            self.asked[at].state = State::Done(who);
            self.asked[at].drafts.clear();
            self.keep(id).await;
        }
    }

    async fn keep(&mut self, id: ResponseId) {
        let response = forms::response(&self.office.pool, &self.office.admin, id).await.unwrap();
        self.sent.insert(id, print(&response));
    }

    fn any(&self, dice: &mut Dice) -> Option<ResponseId> {
        let all: Vec<_> = self.sent.keys().copied().collect();
        (!all.is_empty()).then(|| dice.pick(&all))
    }

    async fn amend(&mut self, dice: &mut Dice, text: &str) {
        let Some(id) = self.any(dice) else { return };
        let pool = self.office.pool.clone();
        let was = forms::response(&pool, &self.office.admin, id).await.unwrap();
        let mut filled = Filled::default();
        filled.text.insert("q1".into(), text.to_owned());
        let made = forms::amend(&pool, &self.office.admin, id, &filled).await;
        assert_eq!(made.is_ok(), was.state == ResponseState::Submitted, "{made:?}");
        if let Ok(made) = made {
            self.keep(made).await;
        }
    }

    async fn in_error(&mut self, dice: &mut Dice) {
        if let Some(id) = self.any(dice).filter(|_| dice.roll(3) == 0) {
            forms::entered_in_error(&self.office.pool, &self.office.admin, id).await.unwrap();
        }
    }

    /// Publishing, amending and whatever else happened changed nothing of what was sent.
    async fn what_was_sent_is_as_it_was(&self) {
        for (id, before) in &self.sent {
            let response = forms::response(&self.office.pool, &self.office.admin, *id).await.unwrap();
            assert!(response.intact, "{id}");
            assert_eq!(&print(&response), before);
            // By its own version, for ever.
            let unsigned: Definition = response.definition.unsigned();
            let again = unsigned.parse(&Filled::of(&response.answers, &unsigned), &[]);
            assert_eq!(again.as_ref(), Ok(&response.answers));
        }
        let twice: i64 = query_scalar(
            "select count(*) from (select 1 from form_response where request_id is not null and state = 'submitted'
                                    group by request_id having count(*) > 1) one",
        )
        .fetch_one(&self.office.pool)
        .await
        .unwrap();
        assert_eq!(twice, 0, "two responses of one request count");
    }

    /// Of Mia's forms each of the others reads what is outstanding and their own draft, at most.
    async fn proxies_read_no_more_than_what_is_outstanding(&self) {
        // Who is inactive does not log in.
        for who in [1, 2].into_iter().filter(|who| self.active[*who]) {
            let me = self.people[who].client().unwrap();
            let listed: BTreeSet<_> =
                requests::mine(&self.office.pool, me).await.unwrap().into_iter().map(|one| one.id).collect();
            for one in &self.asked {
                let may = self.may(who);
                let own = one.state == State::Done(who);
                assert_eq!(listed.contains(&one.id), may && (own || one.state == State::Open), "{:?}", one.state);
                let open = forms::open(&self.office.pool, me, one.id, None).await;
                assert_eq!(open.is_ok(), may && one.state == State::Open, "{open:?}");
                let seen = format!("{open:?}");
                let own = one.drafts.get(&who).map(|(text, _)| text.as_str()).unwrap_or("no draft");
                assert!(!seen.replace(own, "").contains("canary"), "{seen}");
                assert!(forms::own_copy(&self.office.pool, me, one.id).await.unwrap().is_none());
            }
        }
    }

    /// Any byte of what was sent that is another one breaks the seal.
    async fn another_byte_breaks_the_seal(&self, dice: &mut Dice) {
        let Some(id) = self.any(dice) else { return };
        let (pool, admin) = (&self.office.pool, &self.office.admin);
        query("alter table form_response disable trigger form_response_sealed").execute(pool).await.unwrap();
        let sqlx::types::Json(was): sqlx::types::Json<Answers> =
            query_scalar("select answers from form_response where id = $1").bind(id.0).fetch_one(pool).await.unwrap();
        let mut spoilt = was.clone();
        let text = &mut spoilt.get_mut("q1").unwrap().values[0];
        let at = dice.roll(text.len());
        text.replace_range(at..=at, if &text[at..=at] == "x" { "y" } else { "x" });
        for (answers, intact) in [(&spoilt, false), (&was, true)] {
            query("update form_response set answers = $2 where id = $1")
                .bind(id.0)
                .bind(sqlx::types::Json(answers))
                .execute(pool)
                .await
                .unwrap();
            assert_eq!(forms::response(pool, admin, id).await.unwrap().intact, intact);
        }
        query("alter table form_response enable trigger form_response_sealed").execute(pool).await.unwrap();
    }
}

#[testkit::test]
async fn forms_hold_under_any_sequence(pool: PgPool) {
    let first = seed();
    for seed in (first..).take(rounds(3, 300)) {
        let mut dice = Dice::new(seed);
        let mut model = Model::new(&pool).await;
        for _ in 0..40 {
            model.step(&mut dice).await;
            model.proxies_read_no_more_than_what_is_outstanding().await;
        }
        model.what_was_sent_is_as_it_was().await;
        model.another_byte_breaks_the_seal(&mut dice).await;
        // Its name is free for the next.
        let name = FormForm { name: format!("Form {seed}"), ..FormForm::default() };
        forms::rename(&pool, &model.office.admin, model.office.form, &name).await.unwrap();
    }
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
}
