//! Forms to begin with. Each is a draft that the practice reads, changes and publishes: what a
//! consent has to say depends on its profession and its law.

mod more;

use super::{Channel, Condition, Definition, Item, ItemKind, Operator};
use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a new form may begin with.
    Starter {
        Adult = "adult", "Adult intake";
        Minor = "minor", "Minor intake";
        Treatment = "treatment", "Consent to treatment";
        Telehealth = "telehealth", "Consent to telehealth";
        Cancellation = "cancellation", "Cancellation policy";
        Tutoring = "tutoring", "Tutoring intake";
        Phq9 = "phq9", "PHQ-9 (mood)";
        Gad7 = "gad7", "GAD-7 (worry)";
        Photo = "photo", "Consent to photos";
        Release = "release", "Release of information";
        Health = "health", "Health history";
        Feedback = "feedback", "Feedback";
    }
}

impl Starter {
    pub fn definition(self) -> Definition {
        let mut form = Definition::default();
        match self {
            Starter::Adult => adult(&mut form),
            Starter::Minor => minor(&mut form),
            Starter::Treatment => treatment(&mut form),
            Starter::Telehealth => telehealth(&mut form),
            Starter::Cancellation => cancellation(&mut form),
            Starter::Tutoring => tutoring(&mut form),
            Starter::Phq9 => more::phq9(&mut form),
            Starter::Gad7 => more::gad7(&mut form),
            Starter::Photo => more::photo(&mut form),
            Starter::Release => more::release(&mut form),
            Starter::Health => more::health_history(&mut form),
            Starter::Feedback => more::feedback(&mut form),
        }
        form
    }
}

fn must<'a>(form: &'a mut Definition, kind: ItemKind, text: &str) -> &'a mut Item {
    let item = form.push(kind, text);
    item.required = true;
    item
}

fn choice<'a>(form: &'a mut Definition, kind: ItemKind, text: &str, options: &[&str]) -> &'a mut Item {
    let item = form.push(kind, text);
    item.options = options.iter().map(|option| (*option).to_owned()).collect();
    item
}

/// A question that is asked only after *yes* to the one before it.
fn if_yes<'a>(form: &'a mut Definition, kind: ItemKind, text: &str) -> &'a mut Item {
    let asked = form.items.last().map(|item| item.link_id.clone()).unwrap_or_default();
    let item = form.push(kind, text);
    item.when = vec![Condition { question: asked, operator: Operator::Is, answer: "yes".to_owned() }];
    item
}

fn consent(form: &mut Definition, channel: Channel, text: &str) {
    form.push(ItemKind::Consent, text).channel = Some(channel);
}

fn emergency(form: &mut Definition) {
    form.push(ItemKind::Section, "Emergency contact");
    must(form, ItemKind::Short, "Name");
    must(form, ItemKind::Phone, "Phone");
    must(form, ItemKind::Short, "Relationship to you").help = "Like partner, parent or friend.".to_owned();
}

fn messages(form: &mut Definition) {
    form.push(ItemKind::Section, "Messages from us");
    consent(form, Channel::Email, "You may email me about my appointments.");
    consent(form, Channel::Sms, "You may send me text messages about my appointments.");
    consent(form, Channel::Voice, "You may call me and leave a voice message about my appointments.");
}

fn health(form: &mut Definition) {
    form.push(ItemKind::Section, "Health");
    form.push(ItemKind::YesNo, "Are you under the care of a family doctor or nurse practitioner?");
    if_yes(form, ItemKind::Short, "Their name and clinic");
    must(form, ItemKind::YesNo, "Do you take any medication, including vitamins and supplements?");
    if_yes(form, ItemKind::Long, "Which, how much and what for?").required = true;
    must(form, ItemKind::YesNo, "Do you have any allergies?");
    if_yes(form, ItemKind::Long, "To what, and what happens?").required = true;
    choice(
        form,
        ItemKind::Choices,
        "Have you ever had any of these?",
        &[
            "Heart condition",
            "High blood pressure",
            "Asthma or another lung condition",
            "Diabetes",
            "Epilepsy or seizures",
            "Cancer",
            "Stroke",
            "Head injury or concussion",
            "Anxiety or depression",
        ],
    )
    .other = true;
    form.push(ItemKind::YesNo, "Have you had surgery or been in hospital in the last five years?");
    if_yes(form, ItemKind::Long, "What for, and when?");
}

fn adult(form: &mut Definition) {
    form.push(
        ItemKind::Display,
        "Please fill this in before your first appointment. Your answers are part of your record and are read only by \
         the people who look after you. Leave out what you would rather tell us in person.",
    );
    form.push(ItemKind::Section, "About you");
    form.push(ItemKind::Short, "What would you like us to call you?");
    form.push(ItemKind::Short, "Occupation, school or main activity");
    choice(
        form,
        ItemKind::Choice,
        "How did you hear about us?",
        &["Doctor or another professional", "Friend or family", "Search on the web", "Insurance or employer"],
    )
    .other = true;
    form.push(ItemKind::Section, "What brings you here");
    must(form, ItemKind::Long, "What would you like help with?");
    form.push(ItemKind::Short, "When did it begin?");
    let scale = form.push(ItemKind::Scale, "How much does it affect your daily life?");
    scale.help = "0 is not at all, 10 is as much as you can imagine.".to_owned();
    form.push(ItemKind::Long, "What have you tried so far, and did it help?");
    form.push(ItemKind::Long, "What would you like to be different at the end?");
    health(form);
    emergency(form);
    messages(form);
    form.push(ItemKind::Section, "Signature");
    must(
        form,
        ItemKind::Signature,
        "What I have written here is correct and complete as far as I know. I will tell my practitioner if it changes.",
    );
}

fn minor(form: &mut Definition) {
    form.push(
        ItemKind::Display,
        "A parent or guardian fills this in before the first appointment. Where it says “your child”, it means the \
         child or teenager the appointment is for.",
    );
    form.push(ItemKind::Section, "You and your child");
    must(form, ItemKind::Short, "Your name");
    choice(
        form,
        ItemKind::Choice,
        "What are you to the child?",
        &["Parent", "Legal guardian", "Foster parent", "Grandparent"],
    )
    .other = true;
    must(form, ItemKind::Phone, "Phone number where we reach you during appointments");
    must(form, ItemKind::YesNo, "Does the child live with you all of the time?");
    let asked = form.items.last().map(|item| item.link_id.clone()).unwrap_or_default();
    form.push(ItemKind::Long, "Who else does the child live with?").when =
        vec![Condition { question: asked, operator: Operator::Is, answer: "no".to_owned() }];
    choice(
        form,
        ItemKind::Choice,
        "Who makes decisions about the child’s health care?",
        &["I do, alone", "I do, together with another parent or guardian", "Another person or an agency"],
    )
    .required = true;
    form.push(ItemKind::YesNo, "Is there a court order or agreement that we should know about?");
    if_yes(form, ItemKind::Long, "What does it say about health care and contact?").help =
        "Please bring a copy to the first appointment.".to_owned();
    form.push(ItemKind::YesNo, "Is there anyone who must not collect the child from here?");
    if_yes(form, ItemKind::Short, "Who?").required = true;
    form.push(ItemKind::Section, "What brings you here");
    must(form, ItemKind::Long, "What would you like help with?");
    form.push(ItemKind::Long, "What does your child say about it?");
    form.push(ItemKind::Long, "What is your child good at, and what do they enjoy?");
    form.push(ItemKind::Section, "Development and school");
    form.push(ItemKind::Short, "School and grade");
    form.push(ItemKind::YesNo, "Were there concerns during pregnancy, at birth or in the first years?");
    if_yes(form, ItemKind::Long, "What were they?");
    choice(
        form,
        ItemKind::Choices,
        "Does your child have difficulty with any of these?",
        &[
            "Sleep",
            "Eating",
            "Speech or language",
            "Movement",
            "Attention",
            "Reading or writing",
            "Making friends",
            "Worries",
            "Anger",
        ],
    )
    .other = true;
    form.push(ItemKind::YesNo, "Does your child get extra support at school?");
    if_yes(form, ItemKind::Long, "What support?");
    form.push(ItemKind::Section, "Health");
    form.push(ItemKind::Short, "Family doctor or pediatrician");
    must(form, ItemKind::YesNo, "Does your child take any medication?");
    if_yes(form, ItemKind::Long, "Which, how much and what for?").required = true;
    must(form, ItemKind::YesNo, "Does your child have any allergies?");
    if_yes(form, ItemKind::Long, "To what, and what happens?").required = true;
    form.push(ItemKind::Section, "Emergency contact");
    form.push(ItemKind::Display, "If we cannot reach you, we call this person.");
    must(form, ItemKind::Short, "Name");
    must(form, ItemKind::Phone, "Phone");
    must(form, ItemKind::Short, "Relationship to the child");
    form.push(ItemKind::Section, "Signature");
    must(
        form,
        ItemKind::Signature,
        "I am entitled to make decisions about this child’s care. What I have written here is correct and complete as \
         far as I know, and I agree that the child is seen here.",
    );
}

fn treatment(form: &mut Definition) {
    form.push(
        ItemKind::Display,
        "This form is about your consent to assessment and treatment. Consent is a conversation: ask anything, at any \
         time, before you sign and afterwards.",
    );
    form.push(ItemKind::Section, "What you agree to");
    form.push(
        ItemKind::Display,
        "Your practitioner explains what they suggest, why, what else would be possible, and what is likely if nothing \
         is done.\n\nTreatment can have risks. Your practitioner tells you those that matter for you. Tell them right \
         away if something feels wrong.\n\nYou can refuse any part of it, and you can withdraw your consent at any \
         time. It does not change how you are looked after otherwise.",
    );
    form.push(ItemKind::Section, "Privacy");
    form.push(
        ItemKind::Display,
        "We keep a record of your care as the law and our professional college require. What you tell us is \
         confidential. We may have to pass it on without your consent where there is a serious risk of harm to you or \
         another person, where a child may be in need of protection, or where a court orders it.",
    );
    must(form, ItemKind::YesNo, "May we share what is necessary with your family doctor?");
    if_yes(form, ItemKind::Short, "Your doctor’s name and clinic");
    form.push(ItemKind::Section, "Your consent");
    choice(
        form,
        ItemKind::Choices,
        "Please confirm.",
        &[
            "I have read this form, or it was read to me.",
            "I could ask questions and I understand the answers.",
            "I know that I can withdraw my consent at any time.",
        ],
    )
    .required = true;
    form.push(ItemKind::Long, "Is there anything that you do not agree to, or would like to talk about first?");
    must(form, ItemKind::Signature, "I consent to assessment and treatment as described here.");
}

fn telehealth(form: &mut Definition) {
    form.push(
        ItemKind::Display,
        "Appointments by video or phone have benefits and limits. Please read this before the first one.",
    );
    form.push(ItemKind::Section, "What to know");
    form.push(
        ItemKind::Display,
        "You need a quiet place where others cannot hear you, a device with a camera, and a connection that holds.\n\n\
         We use a service that encrypts the call. No technology is completely safe: the connection may fail, and \
         others may overhear you at your end. Neither of us records the appointment unless both have agreed in writing.\n\n\
         Some things cannot be done at a distance. If your practitioner thinks that you should be seen in person, they \
         tell you.",
    );
    form.push(ItemKind::Section, "If something happens");
    form.push(
        ItemKind::Display,
        "At the start of each appointment we ask where you are. If the call drops, we call you at the number below. In \
         an emergency we call the emergency services to the address that you gave.",
    );
    must(form, ItemKind::Phone, "Phone number to call if the connection fails");
    must(form, ItemKind::Long, "Address where you will usually be during the appointments");
    must(form, ItemKind::Short, "Emergency contact: name");
    must(form, ItemKind::Phone, "Emergency contact: phone");
    must(form, ItemKind::YesNo, "Will you be in the same province or state for every appointment?").help =
        "Practitioners may only see people in places where they are registered.".to_owned();
    let asked = form.items.last().map(|item| item.link_id.clone()).unwrap_or_default();
    let elsewhere = must(form, ItemKind::Short, "Where else might you be?");
    elsewhere.when = vec![Condition { question: asked, operator: Operator::Is, answer: "no".to_owned() }];
    form.push(ItemKind::Section, "Your consent");
    must(
        form,
        ItemKind::Signature,
        "I have read this, I could ask questions, and I consent to appointments by video or phone. I know that I can ask \
         to be seen in person instead.",
    );
}

fn cancellation(form: &mut Definition) {
    form.push(
        ItemKind::Display,
        "Your appointment is kept for you. If you cannot come, please tell us early enough for someone else to have the \
         time.",
    );
    form.push(ItemKind::Section, "Our policy");
    form.push(
        ItemKind::Display,
        "You can cancel or move an appointment free of charge until 24 hours before it begins, online or by calling \
         us.\n\nIf you cancel later, or do not come, we may charge up to the full fee. Insurance usually does not \
         cover this.\n\nIf you are late, the appointment still ends at its time. After 15 minutes we may have to cancel \
         it.\n\nWe do not charge for illness or an emergency. Please let us know as soon as you can.",
    );
    form.push(ItemKind::Section, "Your agreement");
    must(form, ItemKind::Signature, "I have read the cancellation policy and I agree to it.");
}

fn tutoring(form: &mut Definition) {
    form.push(ItemKind::Display, "Tell us about the learner, so that the first session can start well.");
    form.push(ItemKind::Section, "The learner");
    form.push(ItemKind::Short, "What does the learner like to be called?");
    must(form, ItemKind::Short, "School and grade, or course");
    choice(
        form,
        ItemKind::Choices,
        "Which subjects?",
        &[
            "Mathematics",
            "English",
            "French",
            "Sciences",
            "History and social studies",
            "Computer science",
            "Study skills",
        ],
    )
    .other = true;
    if let Some(item) = form.items.last_mut() {
        item.required = true;
    }
    form.push(ItemKind::Section, "Goals");
    must(form, ItemKind::Long, "What should be different after three months?");
    form.push(ItemKind::YesNo, "Is there a test or deadline to work towards?");
    if_yes(form, ItemKind::Short, "What is it, and when?").required = true;
    let scale = form.push(ItemKind::Scale, "How confident is the learner in this subject now?");
    scale.help = "0 is not at all, 10 is very.".to_owned();
    form.push(ItemKind::Section, "How they learn");
    choice(
        form,
        ItemKind::Choices,
        "What helps?",
        &[
            "Short exercises with breaks",
            "Talking things through",
            "Pictures and diagrams",
            "Working alone and then checking",
            "Games",
        ],
    )
    .other = true;
    form.push(ItemKind::YesNo, "Does the learner have an education plan, or a diagnosis that affects learning?");
    if_yes(form, ItemKind::Long, "What should we know about it?");
    form.push(ItemKind::YesNo, "May we talk to the learner’s teacher?");
    if_yes(form, ItemKind::Short, "Teacher’s name and email");
    form.push(ItemKind::Section, "Practical matters");
    choice(form, ItemKind::Choice, "Where should sessions take place?", &["At your location", "Online", "Either"]);
    choice(
        form,
        ItemKind::Choices,
        "When is it usually possible?",
        &["Weekday mornings", "Weekday afternoons", "Weekday evenings", "Weekends"],
    );
    form.push(ItemKind::YesNo, "May the learner leave on their own after a session?");
    emergency(form);
    form.push(ItemKind::Section, "Signature");
    must(form, ItemKind::Signature, "What I have written here is correct, and I agree to the sessions.");
}
