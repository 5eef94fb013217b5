//! Questionnaires, further consents, and feedback.

use super::{choice, health, if_yes, must};
use crate::forms::{Definition, ItemKind};

/// How often, as PHQ-9 and GAD-7 ask it: 0 to 3 in their sum.
const OFTEN: [&str; 4] = ["Not at all", "Several days", "More than half the days", "Nearly every day"];
const DIFFICULT: [&str; 4] = ["Not difficult at all", "Somewhat difficult", "Very difficult", "Extremely difficult"];
const NOT_AT_ONCE: &str = "We don’t read forms right away. If you’re thinking of hurting yourself, call or text 988 in \
    Canada and the United States, call your local emergency number, or go to the nearest emergency department now.";

/// Questions of which the answers are added up.
fn scored(form: &mut Definition, lead: &str, questions: &[&str]) {
    form.push(ItemKind::Section, lead);
    for question in questions {
        let item = choice(form, ItemKind::Choice, question, &OFTEN);
        item.required = true;
        item.score = true;
    }
}

pub(super) fn phq9(form: &mut Definition) {
    form.push(ItemKind::Display, NOT_AT_ONCE);
    scored(
        form,
        "Over the last 2 weeks, how often have you been bothered by any of these problems?",
        &[
            "Little interest or pleasure in doing things",
            "Feeling down, depressed, or hopeless",
            "Trouble falling or staying asleep, or sleeping too much",
            "Feeling tired or having little energy",
            "Poor appetite or overeating",
            "Feeling bad about yourself, or that you are a failure or have let yourself or your family down",
            "Trouble concentrating on things, such as reading the newspaper or watching television",
            "Moving or speaking so slowly that other people could have noticed, or the opposite: being so fidgety or \
             restless that you have been moving around a lot more than usual",
            "Thoughts that you would be better off dead, or of hurting yourself in some way",
        ],
    );
    difficulty(form);
}

pub(super) fn gad7(form: &mut Definition) {
    form.push(ItemKind::Display, NOT_AT_ONCE);
    scored(
        form,
        "Over the last 2 weeks, how often have you been bothered by any of these problems?",
        &[
            "Feeling nervous, anxious, or on edge",
            "Not being able to stop or control worrying",
            "Worrying too much about different things",
            "Trouble relaxing",
            "Being so restless that it is hard to sit still",
            "Becoming easily annoyed or irritable",
            "Feeling afraid, as if something awful might happen",
        ],
    );
    difficulty(form);
}

fn difficulty(form: &mut Definition) {
    choice(
        form,
        ItemKind::Choice,
        "If you had any of these problems: how difficult have they made it for you to do your work, take care of things \
         at home, or get along with other people?",
        &DIFFICULT,
    );
}

pub(super) fn photo(form: &mut Definition) {
    form.push(
        ItemKind::Display,
        "We may take photos or videos only if you agree here, and use them only for what you choose. You can change your \
         mind at any time: tell us, and we stop using them. Your care doesn’t depend on it.",
    );
    must(form, ItemKind::YesNo, "May we take photos or videos for the record, such as to follow progress?");
    must(form, ItemKind::YesNo, "May we show photos or videos to other people?");
    if_yes(form, ItemKind::Choices, "Where?").required = true;
    if let Some(item) = form.items.last_mut() {
        item.options =
            ["For teaching in our team", "On our website", "On social media", "In print"].map(str::to_owned).to_vec();
    }
    form.push(ItemKind::Long, "Is there anything that must not be shown, like a face or a name?");
    form.push(ItemKind::Section, "Signature");
    must(
        form,
        ItemKind::Signature,
        "I agree to photos and videos as chosen above. I know that I can withdraw this at any time, and that what was \
         published before may stay with others.",
    );
}

pub(super) fn release(form: &mut Definition) {
    form.push(
        ItemKind::Display,
        "With this you allow us to give information to someone, or to get it from them. It is valid until the date that \
         you choose, and you can withdraw it at any time by telling us.",
    );
    form.push(ItemKind::Section, "Who");
    must(form, ItemKind::Short, "Name of the person or organization");
    form.push(ItemKind::Short, "What they are to you").help = "Like family doctor, school or lawyer.".to_owned();
    form.push(ItemKind::Phone, "Their phone");
    form.push(ItemKind::Email, "Their email");
    form.push(ItemKind::Section, "What");
    choice(
        form,
        ItemKind::Choice,
        "What may we do?",
        &["Give them information", "Get information from them", "Both: give and get information"],
    )
    .required = true;
    let what = choice(
        form,
        ItemKind::Choices,
        "Which information?",
        &["Dates of appointments", "Assessments and reports", "Treatment plan and progress", "The whole record"],
    );
    what.required = true;
    what.other = true;
    form.push(ItemKind::Long, "Is there anything that must not be shared?");
    must(form, ItemKind::Date, "Valid until").help = "A year from today is usual.".to_owned();
    form.push(ItemKind::Section, "Signature");
    must(
        form,
        ItemKind::Signature,
        "I allow the sharing of information as described above. I understand why it is shared, what it may lead to, and \
         that I can withdraw this at any time for what has not been shared yet.",
    );
}

pub(super) fn health_history(form: &mut Definition) {
    form.push(
        ItemKind::Display,
        "Please tell us about your health, so that we can look after you safely. Leave out what you would rather tell us \
         in person.",
    );
    health(form);
    form.push(ItemKind::YesNo, "Could you be pregnant?");
    form.push(ItemKind::YesNo, "Do you have a pacemaker, metal or another implant in your body?");
    if_yes(form, ItemKind::Short, "Which, and where?").required = true;
    choice(form, ItemKind::Choice, "Do you smoke or vape?", &["No", "I used to", "Sometimes", "Every day"]);
    choice(
        form,
        ItemKind::Choice,
        "How often do you have a drink that contains alcohol?",
        &["Never", "Once a month or less", "2 to 4 times a month", "2 or 3 times a week", "4 or more times a week"],
    );
    form.push(ItemKind::Scale, "How much pain have you been in over the last week?").help =
        "0 is none, 10 is as much as you can imagine.".to_owned();
    form.push(ItemKind::Long, "Illnesses in your family that we should know about");
    form.push(ItemKind::Long, "Is there anything else we should know?");
    form.push(ItemKind::Section, "Signature");
    must(
        form,
        ItemKind::Signature,
        "What I have written here is correct and complete as far as I know. I will tell my practitioner if it changes.",
    );
}

pub(super) fn feedback(form: &mut Definition) {
    form.push(
        ItemKind::Display,
        "How was it? Your answers go to the practice with your name, and help us to do better. Leave out what you like.",
    );
    form.push(ItemKind::Scale, "How likely are you to recommend us to a friend or relative?").help =
        "0 is not at all, 10 is certainly.".to_owned();
    choice(
        form,
        ItemKind::Choice,
        "Did you feel listened to?",
        &["Yes, completely", "Mostly", "Not really", "Not at all"],
    );
    choice(
        form,
        ItemKind::Choice,
        "Was it easy to make an appointment?",
        &["Very easy", "Easy", "Difficult", "Very difficult"],
    );
    form.push(ItemKind::Long, "What was good?");
    form.push(ItemKind::Long, "What should we do better?");
    form.push(ItemKind::YesNo, "May we get in touch with you about it?");
}
