//! Bulk changes of clients.

use crate::clients::{ClientQuery, Status};
use crate::parse::{self, Fields};
use crate::vocabulary::vocabulary;
use crate::{ClientNumber, Problem, Refusal, StaffId, TagId, tags};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The maximum number of clients in one change.
pub const BULK_MAX: u32 = 10_000;

/// The number changed without asking again, if it can be undone.
pub const UNASKED_MAX: usize = 50;

vocabulary! {
    /// What can be done to many clients.
    BulkAction {
        Status = "status", "Change status";
        AddTag = "add_tag", "Add tag";
        RemoveTag = "remove_tag", "Remove tag";
        Assign = "assign", "Assign practitioner";
        Unassign = "unassign", "Unassign practitioner";
        SendReset = "send_reset", "Send password reset link";
        Delete = "delete", "Delete";
    }
}

impl BulkAction {
    /// Whether what it does can be taken back.
    pub const fn can_be_undone(self) -> bool {
        !matches!(self, BulkAction::SendReset | BulkAction::Delete)
    }

    /// Whether who orders it gives their password first.
    pub const fn asks_for_proof(self) -> bool {
        matches!(self, BulkAction::SendReset)
    }

    /// Status, assignments, log-ins and deleting are the front desk's; a
    /// practitioner tags those assigned to them.
    pub const fn is_front_desks(self) -> bool {
        !matches!(self, BulkAction::AddTag | BulkAction::RemoveTag)
    }
}

vocabulary! {
    /// How far a change has come.
    BulkState {
        Draft = "draft", "Not started";
        Running = "running", "Under way";
        Done = "done", "Finished";
        Undoing = "undoing", "Being undone";
        Undone = "undone", "Undone";
    }
}

vocabulary! {
    /// What became of one client.
    Outcome {
        Done = "done", "Done";
        /// It was so already.
        Nothing = "nothing", "Nothing to do";
        Refused = "refused", "Refused";
    }
}

/// How far a change has come, for anyone who watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub answered: u32,
    pub total: u32,
    pub under_way: bool,
}

/// What a client list sends when something is to be done to its selection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BulkForm {
    pub action: String,
    pub status: String,
    pub tag: String,
    /// A tag made in place.
    pub new_tag: String,
    pub practitioner: String,
    /// Client numbers that are ticked; one value may hold several, separated by commas.
    pub numbers: Vec<String>,
    /// Not the ticked ones, but all clients that `query` finds now.
    pub all: bool,
    /// The list's query string.
    pub query: String,
    /// Of the list of one's own clients.
    pub mine: bool,
    pub request_key: String,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Status(Status),
    AddTag(TagId),
    /// By name; made if there is none of this name yet.
    AddNewTag(String),
    RemoveTag(TagId),
    Assign(StaffId),
    Unassign(StaffId),
    SendReset,
    Delete,
}

impl Change {
    pub fn action(&self) -> BulkAction {
        match self {
            Change::Status(_) => BulkAction::Status,
            Change::AddTag(_) | Change::AddNewTag(_) => BulkAction::AddTag,
            Change::RemoveTag(_) => BulkAction::RemoveTag,
            Change::Assign(_) => BulkAction::Assign,
            Change::Unassign(_) => BulkAction::Unassign,
            Change::SendReset => BulkAction::SendReset,
            Change::Delete => BulkAction::Delete,
        }
    }
}

/// Which clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    Numbers(Vec<ClientNumber>),
    Matching { query: Box<ClientQuery>, mine: bool },
}

/// A bulk form that makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkOrder {
    pub change: Change,
    pub selection: Selection,
    /// The address of the list, to go back to.
    pub back: String,
    pub request_key: Uuid,
}

impl BulkForm {
    /// Which clients; without any of them [`Problem::NobodyTicked`].
    pub fn selection(&self) -> Result<Selection, Problem> {
        if self.all {
            return Ok(Selection::Matching { query: Box::new(self.list().first_page()), mine: self.mine });
        }
        let texts = self.numbers.iter().flat_map(|texts| texts.split(',')).filter(|text| !text.is_empty());
        let mut numbers = texts.map(parse::id).collect::<Result<Vec<ClientNumber>, Problem>>()?;
        numbers.sort();
        numbers.dedup();
        match numbers.len() {
            0 => Err(Problem::NobodyTicked),
            many if many > BULK_MAX as usize => Err(Problem::TooMany { max: BULK_MAX as usize }),
            _ => Ok(Selection::Numbers(numbers)),
        }
    }

    /// What the list was asked for.
    pub fn list(&self) -> ClientQuery {
        ClientQuery::from_query_string(&self.query)
    }

    /// The address of the list.
    pub fn back(&self) -> String {
        self.list().address(if self.mine { "/clients/mine" } else { "/clients" })
    }

    pub fn parse(&self) -> Result<BulkOrder, Refusal> {
        let mut fields = Fields::default();
        // The buttons of statuses say which, and by that what.
        let action = match (self.action.as_str(), self.status.as_str()) {
            ("", "") => return Err(Refusal::field("action", Problem::Required)),
            ("", _) => BulkAction::Status,
            (action, _) => action.parse().map_err(|_| Refusal::field("action", Problem::Unknown))?,
        };
        let selection = fields.take_or("numbers", self.selection(), || Selection::Numbers(Vec::new()));
        let tag = |text: &str| parse::id::<TagId>(text).map_err(|_| Problem::Required);
        let nobody = || StaffId(Uuid::nil());
        let change = match action {
            BulkAction::Status => Change::Status(fields.take_or("status", parse::id(&self.status), || Status::Active)),
            BulkAction::AddTag if !self.new_tag.trim().is_empty() => {
                Change::AddNewTag(fields.take_or("new_tag", tags::name(&self.new_tag), Default::default))
            }
            BulkAction::AddTag => Change::AddTag(fields.take_or("tag", tag(&self.tag), || TagId(Uuid::nil()))),
            BulkAction::RemoveTag => Change::RemoveTag(fields.take_or("tag", tag(&self.tag), || TagId(Uuid::nil()))),
            BulkAction::Assign => Change::Assign(fields.take_or("practitioner", parse::id(&self.practitioner), nobody)),
            BulkAction::Unassign => {
                Change::Unassign(fields.take_or("practitioner", parse::id(&self.practitioner), nobody))
            }
            BulkAction::SendReset => Change::SendReset,
            BulkAction::Delete => Change::Delete,
        };
        let request_key = fields.take("request_key", parse::id(&self.request_key));
        fields.finish()?;
        Ok(BulkOrder { change, selection, back: self.back(), request_key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(action: &str) -> BulkForm {
        BulkForm {
            action: action.into(),
            status: "inactive".into(),
            tag: Uuid::from_u128(1).to_string(),
            practitioner: Uuid::from_u128(2).to_string(),
            numbers: vec!["1002".into(), "1001,1002".into(), "".into()],
            request_key: Uuid::from_u128(3).to_string(),
            ..Default::default()
        }
    }

    #[test]
    fn every_action_is_understood() {
        for action in BulkAction::ALL {
            let order = form(action.as_str()).parse().unwrap();
            assert_eq!(order.change.action(), *action);
            assert_eq!(order.selection, Selection::Numbers(vec![ClientNumber::new(1001), ClientNumber::new(1002)]));
        }
        assert!(form("explode").parse().is_err());
    }

    #[test]
    fn missing_input_is_reported() {
        let problem = |form: BulkForm, field: &str| match form.parse() {
            Err(Refusal::Invalid(errors)) => errors.get(field).cloned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(problem(BulkForm { numbers: vec![], ..form("status") }, "numbers"), Some(Problem::NobodyTicked));
        assert_eq!(
            problem(BulkForm { numbers: vec!["x".into()], ..form("status") }, "numbers"),
            Some(Problem::Unknown)
        );
        assert_eq!(problem(BulkForm { tag: "".into(), ..form("add_tag") }, "tag"), Some(Problem::Required));
        assert_eq!(problem(BulkForm { status: "asleep".into(), ..form("status") }, "status"), Some(Problem::Unknown));
        let many = (0..=BULK_MAX).map(|number| number.to_string()).collect();
        let too_many = Problem::TooMany { max: BULK_MAX as usize };
        assert_eq!(problem(BulkForm { numbers: many, ..form("status") }, "numbers"), Some(too_many));
    }

    #[test]
    fn all_that_match_is_the_query_itself() {
        let all =
            BulkForm { all: true, query: "q=Zo%C3%A9+%26&status=active&page=3".into(), mine: true, ..form("delete") };
        let query = ClientQuery { q: "Zoé &".into(), status: "active".into(), ..Default::default() };
        assert_eq!(all.selection(), Ok(Selection::Matching { query: Box::new(query), mine: true }));
        assert_eq!(all.back(), "/clients/mine?q=Zo%C3%A9+%26&status=active");
    }
}
