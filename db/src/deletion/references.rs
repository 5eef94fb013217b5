//! Every foreign key that names a client, and what becomes of its rows when
//! the client is deleted, merged into another, or erased. A test compares this
//! list with the database: whoever adds a table decides here.

use shared::deletion::Hindrance;

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
    Blocks(&'static [(Hindrance, &'static str)]),
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

pub const REFERENCES: &[Reference] = &[
    Reference {
        table: "account",
        column: "client_id",
        delete: OnDelete::Blocks(&[(Hindrance::Login, "true")]),
        merge: OnMerge::ByHand,
        erase: OnErase::Goes,
    },
    own("account_link", OnMerge::ByHand, OnErase::Goes),
    Reference {
        table: "activity_attendee",
        column: "member_id",
        delete: OnDelete::Blocks(&[(Hindrance::Activities, "true")]),
        merge: OnMerge::Unites(&["activity_id", "group_id"]),
        erase: OnErase::Stays,
    },
    Reference {
        table: "activity_client",
        column: "client_id",
        delete: OnDelete::Blocks(&[(Hindrance::Activities, "true")]),
        merge: OnMerge::Unites(&["activity_id"]),
        erase: OnErase::Stays,
    },
    Reference {
        table: "appointment",
        column: "client_id",
        delete: OnDelete::Blocks(&[
            (Hindrance::Upcoming, "status = 'confirmed' and starts_at > now()"),
            (Hindrance::Cancelled, "status = 'cancelled' and cancelled_at < starts_at"),
            (
                Hindrance::Past,
                "status = 'confirmed' and starts_at <= now() or status = 'cancelled' and cancelled_at >= starts_at",
            ),
        ]),
        merge: OnMerge::Moves,
        erase: OnErase::Stays,
    },
    Reference {
        table: "appointment",
        column: "proxy_id",
        delete: OnDelete::Blocks(&[(Hindrance::Managed, "true")]),
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
        delete: OnDelete::Blocks(&[(Hindrance::Links, "true")]),
        merge: OnMerge::ByHand,
        erase: OnErase::Goes,
    },
    Reference {
        table: "client_link",
        column: "client_high",
        delete: OnDelete::Blocks(&[(Hindrance::Links, "true")]),
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
        delete: OnDelete::Blocks(&[(Hindrance::Members, "true")]),
        merge: OnMerge::ByHand,
        erase: OnErase::Stays,
    },
    Reference {
        table: "client_membership",
        column: "member_id",
        delete: OnDelete::Blocks(&[(Hindrance::Memberships, "true")]),
        merge: OnMerge::ByHand,
        // Of whose family they were nothing is shown any more; that somebody
        // attended stays, for reports count it.
        erase: OnErase::Goes,
    },
    Reference {
        table: "client_merge",
        column: "kept_id",
        delete: OnDelete::Blocks(&[(Hindrance::Merges, "journal is not null")]),
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
    own("client_practitioner", OnMerge::Unites(&["practitioner_id"]), OnErase::Stays),
    own("client_practitioner_ended", OnMerge::Unites(&["practitioner_id"]), OnErase::Stays),
    own("client_tag", OnMerge::Unites(&["tag_id"]), OnErase::Goes),
    // Whoever was erased is merged with nobody.
    own("erased_age", OnMerge::Unites(&["activity_id"]), OnErase::Stays),
    Reference {
        table: "message",
        column: "client_id",
        delete: OnDelete::Blocks(&[(
            Hindrance::Mail,
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
            Hindrance::Mail,
            "not exists (select from message m join appointment a on a.id = m.appointment_id
                          where m.id = message_copy.message_id and a.client_id = $1)",
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
    own("recent_client", OnMerge::Unites(&["staff_id"]), OnErase::Goes),
];
