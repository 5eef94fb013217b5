//! Every foreign key that names a client, and what becomes of its rows when
//! the client is deleted, merged into another, or erased. A test compares this
//! list with the database: anyone who adds a table decides here.

use shared::deletion::Blocker;

/// A column that refers to `client`.
#[derive(Debug)]
pub struct Reference {
    pub table: &'static str,
    pub column: &'static str,
    pub delete: OnDelete,
    pub merge: OnMerge,
    pub erase: OnErase,
}

#[derive(Debug)]
pub enum OnDelete {
    /// The client's own: it goes with the client, by `on delete cascade`.
    Goes,
    /// It keeps the client: what the rows are called that meet the condition.
    /// `$1` is the client; every row meets one condition, unless it goes with
    /// another one that does.
    Blocks(&'static [(Blocker, &'static str)]),
}

#[derive(Debug, PartialEq, Eq)]
pub enum OnMerge {
    /// The rows become the kept client's.
    Moves,
    /// One row for each value of these columns: those that the kept client has
    /// already stay theirs, the others become theirs.
    Unites(&'static [&'static str]),
    /// They become the kept client's if there is none of them yet.
    FillsIn,
    /// `db::merge` says itself what happens.
    ByHand,
}

#[derive(Debug, PartialEq, Eq)]
pub enum OnErase {
    /// It says nothing about who the client was.
    Stays,
    Goes,
    /// `db::deletion::erase` says itself what happens.
    ByHand,
}

const fn own(table: &'static str, merge: OnMerge, erase: OnErase) -> Reference {
    Reference { table, column: "client_id", delete: OnDelete::Goes, merge, erase }
}

/// Of an appointment that someone attends.
const VISITS: &[(Blocker, &str)] = &[
    (Blocker::Upcoming, "blocks and status = 'booked' and starts_at > now()"),
    (
        Blocker::Cancelled,
        "exists (select from visit v where v.participant_id = appointment_participant.id
                                       and v.status = 'cancelled' and v.cancelled_at < v.starts_at)",
    ),
    (
        Blocker::Past,
        "exists (select from visit v where v.participant_id = appointment_participant.id
                                       and (v.blocks and v.starts_at <= now() or v.status = 'cancelled' and v.cancelled_at >= v.starts_at))",
    ),
];

pub const REFERENCES: &[Reference] = &[
    Reference {
        table: "account",
        column: "client_id",
        delete: OnDelete::Blocks(&[(Blocker::Login, "true")]),
        merge: OnMerge::ByHand,
        erase: OnErase::Goes,
    },
    own("account_link", OnMerge::ByHand, OnErase::Goes),
    Reference {
        table: "activity_attendee",
        column: "member_id",
        delete: OnDelete::Blocks(&[(Blocker::Activities, "true")]),
        merge: OnMerge::Unites(&["activity_id", "group_id"]),
        erase: OnErase::Stays,
    },
    Reference {
        table: "activity_client",
        column: "client_id",
        delete: OnDelete::Blocks(&[(Blocker::Activities, "true")]),
        merge: OnMerge::Unites(&["activity_id"]),
        erase: OnErase::Stays,
    },
    Reference {
        table: "appointment_call",
        column: "callee_id",
        delete: OnDelete::Goes,
        merge: OnMerge::Unites(&["participant_id", "starts_at"]),
        erase: OnErase::Stays,
    },
    Reference {
        table: "appointment_participant",
        column: "assigned_to",
        delete: OnDelete::Blocks(&[(Blocker::Managed, "true")]),
        merge: OnMerge::ByHand,
        erase: OnErase::Stays,
    },
    Reference {
        table: "appointment_participant",
        column: "client_id",
        delete: OnDelete::Blocks(VISITS),
        merge: OnMerge::Unites(&["appointment_id"]),
        erase: OnErase::Stays,
    },
    Reference {
        table: "appointment_participant",
        column: "party_id",
        delete: OnDelete::Blocks(VISITS),
        merge: OnMerge::Moves,
        erase: OnErase::Stays,
    },
    Reference {
        table: "appointment_participant",
        column: "payer_id",
        delete: OnDelete::Blocks(&[(Blocker::Managed, "true")]),
        merge: OnMerge::ByHand,
        erase: OnErase::Stays,
    },
    Reference {
        table: "appointment_participant",
        column: "proxy_id",
        delete: OnDelete::Blocks(&[(Blocker::Managed, "true")]),
        merge: OnMerge::ByHand,
        erase: OnErase::Stays,
    },
    own("client_availability", OnMerge::FillsIn, OnErase::Goes),
    own("client_colour", OnMerge::Unites(&["staff_id"]), OnErase::Goes),
    own("client_contact", OnMerge::Moves, OnErase::Goes),
    own("client_field_value", OnMerge::ByHand, OnErase::ByHand),
    Reference {
        table: "client_link",
        column: "client_low",
        delete: OnDelete::Blocks(&[(Blocker::Links, "true")]),
        merge: OnMerge::ByHand,
        erase: OnErase::Goes,
    },
    Reference {
        table: "client_link",
        column: "client_high",
        delete: OnDelete::Blocks(&[(Blocker::Links, "true")]),
        merge: OnMerge::ByHand,
        erase: OnErase::Goes,
    },
    Reference {
        table: "client_link_event",
        column: "client_low",
        delete: OnDelete::Goes,
        merge: OnMerge::ByHand,
        erase: OnErase::Goes,
    },
    Reference {
        table: "client_link_event",
        column: "client_high",
        delete: OnDelete::Goes,
        merge: OnMerge::ByHand,
        erase: OnErase::Goes,
    },
    Reference {
        table: "client_membership",
        column: "group_id",
        delete: OnDelete::Blocks(&[(Blocker::Members, "true")]),
        merge: OnMerge::ByHand,
        erase: OnErase::Stays,
    },
    Reference {
        table: "client_membership",
        column: "member_id",
        delete: OnDelete::Blocks(&[(Blocker::Memberships, "true")]),
        merge: OnMerge::ByHand,
        // Of whose family they were nothing is shown any more; that someone
        // attended stays, for reports count it.
        erase: OnErase::Goes,
    },
    Reference {
        table: "client_merge",
        column: "kept_id",
        delete: OnDelete::Blocks(&[(Blocker::Merges, "journal is not null")]),
        merge: OnMerge::Moves,
        erase: OnErase::Goes,
    },
    Reference {
        table: "client_not_duplicate",
        column: "client_low",
        delete: OnDelete::Goes,
        merge: OnMerge::ByHand,
        erase: OnErase::Goes,
    },
    Reference {
        table: "client_not_duplicate",
        column: "client_high",
        delete: OnDelete::Goes,
        merge: OnMerge::ByHand,
        erase: OnErase::Goes,
    },
    own("client_phone", OnMerge::Moves, OnErase::Goes),
    own("client_portal_permission", OnMerge::Unites(&["permission"]), OnErase::Goes),
    own("coming_of_age", OnMerge::FillsIn, OnErase::Goes),
    own("client_practitioner", OnMerge::Unites(&["practitioner_id"]), OnErase::Stays),
    own("client_practitioner_ended", OnMerge::Unites(&["practitioner_id"]), OnErase::Stays),
    own("client_tag", OnMerge::Unites(&["tag_id"]), OnErase::Goes),
    // The person who was erased is merged with no one.
    own("erased_age", OnMerge::Unites(&["activity_id"]), OnErase::Stays),
    Reference {
        table: "document",
        column: "client_id",
        delete: OnDelete::Blocks(&[(Blocker::Forms, "true")]),
        merge: OnMerge::Moves,
        erase: OnErase::Goes,
    },
    Reference {
        table: "document",
        column: "opened_by",
        delete: OnDelete::Blocks(&[(Blocker::Forms, "true")]),
        merge: OnMerge::Moves,
        erase: OnErase::Stays,
    },
    own("document_reader", OnMerge::Unites(&["document_id"]), OnErase::Goes),
    // After the documents that they are versions of.
    Reference {
        table: "file",
        column: "client_id",
        delete: OnDelete::Blocks(&[(Blocker::Forms, "true")]),
        merge: OnMerge::Moves,
        erase: OnErase::Goes,
    },
    Reference {
        table: "file",
        column: "uploaded_by_client",
        delete: OnDelete::Blocks(&[(Blocker::Forms, "true")]),
        merge: OnMerge::Moves,
        erase: OnErase::Stays,
    },
    own("form_link", OnMerge::Moves, OnErase::Goes),
    Reference {
        table: "form_response",
        column: "author_client_id",
        // What they only began goes with them.
        delete: OnDelete::Blocks(&[(Blocker::Forms, "state <> 'draft'")]),
        merge: OnMerge::ByHand,
        erase: OnErase::ByHand,
    },
    Reference {
        table: "form_response",
        column: "subject_id",
        delete: OnDelete::Blocks(&[(Blocker::Forms, "state <> 'draft'")]),
        merge: OnMerge::Moves,
        erase: OnErase::Goes,
    },
    Reference {
        table: "form_signature",
        column: "signer_client_id",
        delete: OnDelete::Blocks(&[(Blocker::Forms, "true")]),
        merge: OnMerge::Moves,
        erase: OnErase::ByHand,
    },
    Reference {
        table: "message",
        column: "client_id",
        delete: OnDelete::Blocks(&[(
            Blocker::Mail,
            "not exists (select from message_copy y where y.message_id = message.id)",
        )]),
        merge: OnMerge::Moves,
        erase: OnErase::Goes,
    },
    Reference {
        table: "message_copy",
        column: "client_id",
        // Those about the client's own appointments go with the appointments.
        delete: OnDelete::Blocks(&[(
            Blocker::Mail,
            "not exists (select from message m join appointment_participant p on p.id = m.participant_id
                          where m.id = message_copy.message_id and p.client_id = $1)",
        )]),
        merge: OnMerge::Moves,
        erase: OnErase::ByHand,
    },
    Reference {
        table: "message_copy",
        column: "about_id",
        delete: OnDelete::Goes,
        merge: OnMerge::Moves,
        erase: OnErase::ByHand,
    },
    Reference {
        table: "visit_link",
        column: "reader_id",
        delete: OnDelete::Goes,
        merge: OnMerge::Moves,
        erase: OnErase::Goes,
    },
    own("consent_event", OnMerge::Moves, OnErase::Goes),
    own("prospect_entry", OnMerge::Moves, OnErase::Goes),
    own("recent_client", OnMerge::Unites(&["staff_id"]), OnErase::Goes),
    own("link_invitation", OnMerge::Moves, OnErase::Goes),
    own("safe_contact", OnMerge::Unites(&["rule"]), OnErase::Goes),
    Reference {
        table: "request",
        column: "done_by_client",
        // What they did for themself goes with them.
        delete: OnDelete::Blocks(&[(Blocker::Forms, "subject_id <> $1")]),
        merge: OnMerge::Moves,
        erase: OnErase::ByHand,
    },
    Reference {
        table: "request",
        column: "subject_id",
        delete: OnDelete::Goes,
        merge: OnMerge::ByHand,
        erase: OnErase::Goes,
    },
    own("waitlist_entry", OnMerge::Moves, OnErase::Goes),
    own("waitlist_link", OnMerge::Unites(&["offer_id"]), OnErase::Goes),
];
