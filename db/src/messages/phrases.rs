//! What stands beside the facts of a message, in its language.

use shared::texts::Language;

/// Labels and fixed lines.
pub(super) struct Phrases {
    pub what: &'static str,
    pub minutes: &'static str,
    pub about: &'static str,
    pub when: &'static str,
    pub own_zone: &'static str,
    pub also_cancelled: &'static str,
    pub repeats: &'static str,
    pub with: &'static str,
    pub place: &'static str,
    pub person: &'static str,
    pub before: &'static str,
    pub act: &'static str,
    pub all_appointments: &'static str,
    pub and: &'static str,
    pub visit: &'static str,
    pub code: &'static str,
    pub open: &'static str,
    pub open_day: &'static str,
    pub off: &'static str,
    pub busy: &'static str,
    pub answer_by: &'static str,
    pub kept: &'static str,
}

const ENGLISH: Phrases = Phrases {
    what: "What: ",
    minutes: "minutes",
    about: "About it: ",
    when: "When: ",
    own_zone: "In your time zone: ",
    also_cancelled: "Also cancelled:",
    repeats: "It repeats. The later dates:",
    with: "With: ",
    place: "Where: ",
    person: "For: ",
    before: "Before: ",
    act: "Confirm, move or cancel it: ",
    all_appointments: "All your appointments: ",
    and: " and ",
    visit: "This is a video visit. Join it here when it begins:",
    code: "Access code: ",
    open: "Open it: ",
    open_day: "Open the day: ",
    off: "Turn these emails off: ",
    busy: "Busy",
    answer_by: "Take it or decline it here by ",
    kept: "We’re keeping it for you until then. After that we may offer it to someone else.",
};

const FRENCH: Phrases = Phrases {
    what: "Quoi : ",
    minutes: "minutes",
    about: "À savoir : ",
    when: "Quand : ",
    own_zone: "Dans votre fuseau horaire : ",
    also_cancelled: "Également annulés :",
    repeats: "Il se répète. Les dates suivantes :",
    with: "Avec : ",
    place: "Où : ",
    person: "Pour : ",
    before: "Avant : ",
    act: "Le confirmer, le déplacer ou l’annuler : ",
    all_appointments: "Tous vos rendez-vous : ",
    and: " et ",
    visit: "C’est une visite par vidéo. Rejoignez-la ici quand elle commence :",
    code: "Code d’accès : ",
    open: "L’ouvrir : ",
    open_day: "Ouvrir la journée : ",
    off: "Désactiver ces courriels : ",
    busy: "Occupé",
    answer_by: "Acceptez-la ou refusez-la ici avant le ",
    kept: "Nous vous la réservons jusque-là. Ensuite, nous pourrons l’offrir à quelqu’un d’autre.",
};

pub(super) const fn phrases(language: Language) -> &'static Phrases {
    match language {
        Language::English => &ENGLISH,
        Language::French => &FRENCH,
    }
}

/// ` and 3 more`, of a series.
pub(super) fn more(language: Language, later: usize) -> String {
    match (language, later) {
        (_, 0) => String::new(),
        (Language::English, later) => format!(" and {later} more"),
        (Language::French, 1) => " et 1 autre".to_owned(),
        (Language::French, later) => format!(" et {later} autres"),
    }
}

/// Why someone linked gets a copy.
pub(super) fn copy_for(language: Language, names: &str) -> String {
    match language {
        Language::English => {
            format!("This is a copy for you, because you get copies of {names}'s appointment emails.")
        }
        Language::French => {
            format!("Ceci est une copie, car vous recevez les courriels sur les rendez-vous de {names}.")
        }
    }
}

/// What taking an offered time does to the appointment that there is.
pub(super) fn moves(language: Language, date: &str) -> String {
    match language {
        Language::English => format!("Taking it moves the appointment of {date}."),
        Language::French => format!("L’accepter déplace le rendez-vous du {date}."),
    }
}

/// `3 appointments`.
pub(super) fn appointments(language: Language, count: usize) -> String {
    match (language, count) {
        (Language::English, 1) => "1 appointment".to_owned(),
        (Language::English, many) => format!("{many} appointments"),
        (Language::French, many) => format!("{many} rendez-vous"),
    }
}
