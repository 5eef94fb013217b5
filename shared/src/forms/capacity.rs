//! As what someone signs.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// As what someone signs. Those of the practice are not offered in the portal.
    Capacity {
        Myself = "self", "Myself";
        Parent = "parent", "Parent";
        Guardian = "guardian", "Guardian";
        Partner = "partner", "Partner";
        Other = "other", "Other";
        Practitioner = "practitioner", "Practitioner";
        Witness = "witness", "Witness";
    }
}

impl Capacity {
    /// Those that someone in the portal chooses from: the person themself signs as that alone.
    pub const fn offered(own: bool) -> &'static [Capacity] {
        if own {
            &[Capacity::Myself]
        } else {
            &[Capacity::Parent, Capacity::Guardian, Capacity::Partner, Capacity::Other]
        }
    }
}
