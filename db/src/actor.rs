//! Who is asking. Comes from the session on the server; no one sends who they are.

use crate::accounts::sessions::Stored;
use crate::{Error, Result};
use sha2::{Digest, Sha256};
use shared::accounts::Role;
use shared::clients::Status;
use shared::practice::Practice;
use shared::{AccountId, ClientId, Refusal, StaffId};
use sqlx::PgExecutor;
use sqlx::types::Json;
use uuid::Uuid;

/// Minutes for which the password, or another factor, stands for its owner.
const CONFIRMED_MINUTES: i32 = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    Staff(StaffActor),
    Client(ClientActor),
}

/// A staff member with their set of roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffActor {
    id: StaffId,
    name: String,
    roles: Vec<Role>,
    may_book: bool,
    confirmed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientActor {
    id: ClientId,
    name: String,
    confirmed: bool,
}

/// Proof that an administrator or the front desk asks.
#[derive(Debug, Clone, Copy)]
pub struct FrontDesk<'a>(&'a StaffActor);

impl<'a> FrontDesk<'a> {
    pub fn staff(self) -> &'a StaffActor {
        self.0
    }
}

/// Proof that an administrator asks.
#[derive(Debug, Clone, Copy)]
pub struct Administrator<'a>(&'a StaffActor);

impl<'a> Administrator<'a> {
    pub fn staff(self) -> &'a StaffActor {
        self.0
    }
}

/// The person a log-in that may be used stands for, and what every request asks for
/// besides.
pub(crate) struct Loaded {
    pub account: AccountId,
    pub actor: Actor,
    pub password_hash: Option<String>,
    pub logins_ended: i32,
    pub overdue: bool,
    pub practice: Practice,
    pub theme: String,
    pub single_keys: bool,
}

impl StaffActor {
    /// `may_book`: a practitioner books only with this.
    pub fn new(id: StaffId, name: impl Into<String>, roles: Vec<Role>, may_book: bool) -> StaffActor {
        StaffActor { id, name: name.into(), roles, may_book, confirmed: false }
    }

    pub fn id(&self) -> StaffId {
        self.id
    }

    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Administrators and staff; practitioners see those assigned to them.
    pub fn sees_all_clients(&self) -> bool {
        self.is(Role::Administrator) || self.is(Role::FrontDesk)
    }

    /// Whether they book at all.
    pub fn books(&self) -> bool {
        self.sees_all_clients() || self.may_book
    }

    /// Additional information notes.
    pub fn sees_notes(&self) -> bool {
        self.sees_all_clients()
    }

    /// `Some` when only clients assigned to this practitioner may be seen: for
    /// the filter in SQL.
    pub fn scope(&self) -> Option<Uuid> {
        (!self.sees_all_clients()).then_some(self.id.0)
    }
}

impl ClientActor {
    pub fn new(id: ClientId, name: impl Into<String>) -> ClientActor {
        ClientActor { id, name: name.into(), confirmed: false }
    }

    pub fn id(&self) -> ClientId {
        self.id
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Actor {
    /// The active staff member as they are now, for a job that they began.
    pub(crate) async fn of_staff(conn: impl PgExecutor<'_>, id: StaffId) -> Result<Option<Actor>> {
        let row = sqlx::query!(
            r#"select first_name || ' ' || last_name as "name!", roles, may_book
                 from staff_member where id = $1 and active"#,
            id.0
        )
        .fetch_optional(conn)
        .await?;
        Ok(row.map(|row| Actor::Staff(StaffActor::new(id, row.name, known_roles(&row.roles), row.may_book))))
    }

    /// The person the account stands for, as they are now. `None` once the log-in
    /// is gone, its owner inactive, or client log-in switched off.
    pub async fn load(conn: impl PgExecutor<'_>, account: AccountId) -> Result<Option<Actor>> {
        Ok(Actor::load_with_practice(conn, account).await?.map(|loaded| loaded.actor))
    }

    /// [`Actor::load`], with the hash of the password and the practice: nearly
    /// every request needs them all.
    pub(crate) async fn load_with_practice(conn: impl PgExecutor<'_>, account: AccountId) -> Result<Option<Loaded>> {
        Ok(Actor::select(conn, Some(account), None).await?.and_then(|(_, loaded)| loaded))
    }

    /// Of an account, or of the session with this hash of its id: its data, when
    /// it expires, and the person it stands for. `None`: there is no such session, or it
    /// has expired. Where there is no session, no one has given their password either.
    pub(crate) async fn select(
        conn: impl PgExecutor<'_>,
        account: Option<AccountId>,
        session: Option<&[u8]>,
    ) -> Result<Option<(Stored, Option<Loaded>)>> {
        let row = sqlx::query!(
            r#"select e.data as "data!", e.expires_at as "expires_at!", a.id as "account?: AccountId", a.password_hash as "password_hash?",
                      a.theme as "theme?", a.single_keys as "single_keys?",
                      s.id as "staff_id?: StaffId", s.first_name as "staff_first?", s.last_name as "staff_last?",
                      s.roles as "roles?: Vec<String>", s.may_book as "may_book?", s.active as "staff_active?",
                      c.id as "client_id?: ClientId", client_name(c) as "client_name?",
                      c.status as "status?: Status", to_jsonb(p) as "practice!: Json<Practice>",
                      case when now() > a.factor_since + make_interval(days => p.factor_days)
                           then not account_has_factor(a.id) else false end as "overdue!",
                      a.logins_ended as "logins_ended?",
                      coalesce(e.proved_at > now() - make_interval(mins => $3), false) as "confirmed!"
                 from (select data, expires_at, account_id, proved_at from session where id_hash = $2 and expires_at > now()
                       union all
                       select 'null', now(), $1, null where $1::uuid is not null) e
                 left join account a on a.id = e.account_id
                 left join staff_member s on s.id = a.staff_id
                 left join client c on c.id = a.client_id
                 cross join practice p"#,
            account.map(|account| account.0),
            session,
            CONFIRMED_MINUTES
        )
        .fetch_optional(conn)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let Json(practice) = row.practice;
        let stored = Stored { data: row.data, expires_at: row.expires_at };
        let Some(account) = row.account else { return Ok(Some((stored, None))) };
        let loaded = |actor| Loaded {
            account,
            actor,
            password_hash: row.password_hash,
            logins_ended: row.logins_ended.unwrap_or_default(),
            overdue: row.overdue,
            practice: practice.clone(),
            theme: row.theme.unwrap_or_default(),
            single_keys: row.single_keys.unwrap_or(true),
        };
        if let (Some(id), Some(true)) = (row.staff_id, row.staff_active) {
            let roles = row.roles.unwrap_or_default();
            let actor = Actor::Staff(StaffActor {
                id,
                name: format!("{} {}", row.staff_first.unwrap_or_default(), row.staff_last.unwrap_or_default()),
                roles: known_roles(&roles),
                may_book: row.may_book.unwrap_or_default(),
                confirmed: row.confirmed,
            });
            return Ok(Some((stored, Some(loaded(actor)))));
        }
        if let (Some(id), Some(status)) = (row.client_id, row.status)
            && status.may_log_in()
            && practice.client_login
        {
            let name = row.client_name.unwrap_or_default();
            return Ok(Some((stored, Some(loaded(Actor::Client(ClientActor { id, name, confirmed: row.confirmed }))))));
        }
        Ok(Some((stored, None)))
    }

    /// The same, who has given their password or another factor within the last minutes, or has not.
    pub fn confirmed_now(self, confirmed: bool) -> Actor {
        match self {
            Actor::Staff(staff) => Actor::Staff(StaffActor { confirmed, ..staff }),
            Actor::Client(client) => Actor::Client(ClientActor { confirmed, ..client }),
        }
    }

    /// [`Refusal::Unconfirmed`] unless the password or another factor was given within five minutes:
    /// the second question, after what they may do, of whatever must not be done in a session that was
    /// left open.
    pub fn confirmed(&self) -> Result<()> {
        let confirmed = match self {
            Actor::Staff(staff) => staff.confirmed,
            Actor::Client(client) => client.confirmed,
        };
        if confirmed { Ok(()) } else { Err(Error::Refused(Refusal::Unconfirmed)) }
    }

    pub fn name(&self) -> &str {
        match self {
            Actor::Staff(staff) => &staff.name,
            Actor::Client(client) => &client.name,
        }
    }

    /// Tells one account from another in the browser, and nothing else: from it
    /// no id can be found.
    pub fn mark(&self) -> String {
        let digest = Sha256::digest(format!("account mark {}", self.id()));
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The id that audit and history name.
    pub fn id(&self) -> Uuid {
        match self {
            Actor::Staff(staff) => staff.id.0,
            Actor::Client(client) => client.id.0,
        }
    }

    /// Anyone who works here. For a client these things do not exist: 404.
    pub fn staff(&self) -> Result<&StaffActor> {
        match self {
            Actor::Staff(staff) => Ok(staff),
            Actor::Client(_) => Err(Error::Refused(Refusal::NotFound)),
        }
    }

    /// Administrators and staff. A practitioner knows of these things: 403.
    pub fn front_desk(&self) -> Result<FrontDesk<'_>> {
        match self.staff()? {
            staff if staff.sees_all_clients() => Ok(FrontDesk(staff)),
            _ => Err(Error::Refused(Refusal::Forbidden)),
        }
    }

    pub fn administrator(&self) -> Result<Administrator<'_>> {
        match self.staff()? {
            staff if staff.is(Role::Administrator) => Ok(Administrator(staff)),
            _ => Err(Error::Refused(Refusal::Forbidden)),
        }
    }

    /// A client in the portal. For staff the portal does not exist: 404.
    pub fn client(&self) -> Result<&ClientActor> {
        match self {
            Actor::Client(client) => Ok(client),
            Actor::Staff(_) => Err(Error::Refused(Refusal::NotFound)),
        }
    }
}

fn known_roles(words: &[String]) -> Vec<Role> {
    words.iter().filter_map(|role| role.parse().ok()).collect()
}
