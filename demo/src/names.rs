//! Names of several cultures, and other details of people.

/// First names with a shorter form that some prefer (or none) and pronouns.
pub type First = (&'static str, &'static str, &'static str);

pub struct Culture {
    pub language: &'static str,
    pub firsts: [First; 10],
    pub lasts: [&'static str; 10],
}

const SHE: &str = "she/her";
const HE: &str = "he/him";
const THEY: &str = "they/them";

#[rustfmt::skip]
pub const CULTURES: [Culture; 8] = [
    Culture {
        language: "en",
        firsts: [
            ("Margaret", "Maggie", SHE), ("William", "Bill", HE), ("Charlotte", "", SHE), ("James", "Jamie", HE), ("Robin", "", THEY),
            ("Eleanor", "Nell", SHE), ("Graham", "", HE), ("Heather", "", SHE), ("Alexander", "Sandy", HE), ("Fiona", "", SHE),
        ],
        lasts: ["Campbell", "Fraser", "Murphy", "Bennett", "Douglas", "Sutherland", "Walsh", "Harding", "MacLeod", "Pritchard"],
    },
    Culture {
        language: "fr",
        firsts: [
            ("Élodie", "", SHE), ("Mathieu", "", HE), ("Geneviève", "Gen", SHE), ("François", "", HE), ("Marie-Ève", "", SHE),
            ("Étienne", "", HE), ("Camille", "", THEY), ("Jean-Philippe", "JP", HE), ("Océane", "", SHE), ("Benoît", "Ben", HE),
        ],
        lasts: ["Gagnon", "Bouchard", "Côté", "Lévesque", "Pelletier", "Bélanger", "Fortin", "Thériault", "Desjardins", "Lavoie"],
    },
    Culture {
        language: "pa",
        firsts: [
            ("Simran", "", SHE), ("Gurpreet", "Gary", HE), ("Ananya", "", SHE), ("Rajesh", "Raj", HE), ("Jasleen", "Jas", SHE),
            ("Vikram", "Vik", HE), ("Kavita", "", SHE), ("Arjun", "", HE), ("Meera", "", SHE), ("Manpreet", "", THEY),
        ],
        lasts: ["Gill", "Sharma", "Dhillon", "Patel", "Sandhu", "Iyer", "Grewal", "Chaudhry", "Bains", "Krishnan"],
    },
    Culture {
        language: "zh",
        firsts: [
            ("Mei", "", SHE), ("Wei", "Wayne", HE), ("Xiaoling", "Linda", SHE), ("Jun", "", HE), ("Yan", "", SHE),
            ("Zhiming", "Jimmy", HE), ("Hui", "", SHE), ("Chun", "", THEY), ("Jiayi", "Joy", SHE), ("Kai", "", HE),
        ],
        lasts: ["Chen", "Wang", "Zhang", "Huang", "Zhao", "Lam", "Cheung", "Wong", "Xu", "Leung"],
    },
    Culture {
        language: "ar",
        firsts: [
            ("Fatima", "", SHE), ("Ahmed", "", HE), ("Rania", "", SHE), ("Khalid", "", HE), ("Mariam", "Mimi", SHE),
            ("Hassan", "", HE), ("Leila", "", SHE), ("Tariq", "", HE), ("Nour", "", THEY), ("Ibrahim", "Ibo", HE),
        ],
        lasts: ["Mansour", "Khoury", "Farah", "El-Sayed", "Darwish", "Nasser", "Saleh", "Aziz", "Hamdan", "Bakr"],
    },
    Culture {
        language: "es",
        firsts: [
            ("Lucía", "Lucy", SHE), ("Joaquín", "", HE), ("Inês", "", SHE), ("Andrés", "Andy", HE), ("Ximena", "", SHE),
            ("João", "", HE), ("Guadalupe", "Lupe", SHE), ("Santiago", "Santi", HE), ("Beatriz", "Bia", SHE), ("Ángel", "", THEY),
        ],
        lasts: ["Ramírez", "Oliveira", "Núñez", "Carvalho", "Muñoz", "Teixeira", "Vargas", "Peña", "Gonçalves", "Ibáñez"],
    },
    Culture {
        language: "uk",
        firsts: [
            ("Oksana", "", SHE), ("Andriy", "Andrew", HE), ("Agnieszka", "Aga", SHE), ("Mykola", "Nick", HE), ("Iryna", "Ira", SHE),
            ("Paweł", "", HE), ("Sasha", "", THEY), ("Bohdan", "", HE), ("Halyna", "", SHE), ("Taras", "", HE),
        ],
        lasts: ["Shevchenko", "Kovalenko", "Wiśniewski", "Bondarenko", "Zieliński", "Melnyk", "Nowak", "Tkachuk", "Hrynkiw", "Lysenko"],
    },
    Culture {
        language: "en",
        firsts: [
            ("Adaeze", "Ada", SHE), ("Kwabena", "", HE), ("Shanice", "", SHE), ("Tunde", "", HE), ("Zainab", "", SHE),
            ("Malik", "", HE), ("Abena", "", SHE), ("Emeka", "", HE), ("Imani", "", THEY), ("Winston", "", HE),
        ],
        lasts: ["Adeyemi", "Asante", "Grant", "Nwosu", "Baptiste", "Owusu", "Bailey", "Eze", "Joseph", "Toure"],
    },
];

pub const ALERTS: [&str; 6] = [
    "Peanut allergy",
    "Use side entrance: wheelchair",
    "Latex allergy",
    "Hard of hearing: face them when speaking",
    "Do not leave voice messages",
    "Assistance dog comes along",
];

pub const NOTES: [&str; 6] = [
    "Prefers afternoons; works mornings.",
    "Receipts go to the employer's benefits plan.",
    "Referred by a former client.",
    "Asked for an interpreter at the first visit, not since.",
    "Pays by e-transfer after each session.",
    "Call before 4 pm; shares the telephone with a roommate.",
];

/// The part of an e-mail address that a name makes: small letters without accents.
pub fn folded(name: &str) -> String {
    let plain = |letter| match letter {
        'á' | 'â' | 'ã' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' => 'e',
        'í' | 'î' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' => 'n',
        'ó' | 'ô' => 'o',
        'ś' => 's',
        'ú' => 'u',
        other => other,
    };
    name.to_lowercase().chars().map(plain).filter(char::is_ascii_lowercase).collect()
}
