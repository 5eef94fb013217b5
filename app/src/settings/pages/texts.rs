//! The words of messages: the list of texts, and one with its preview and versions.

use super::{param, saved_now};
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{ErrorSummary, FormState, PostForm, TextArea, TextField};
use chrono::{DateTime, Utc};
use db::messages::edit::{self, Previewed, TextRow, TextShown, TextVersion};
use db::messages::{Part, split_links};
use db::time::Zone;
use leptos::prelude::*;
use shared::sms::segments;
use shared::texts::{Language, Text, TextChannel, Words};
use shared::{ClientNumber, Refusal};

const SAVE: &str = "/fn/settings/save_text";
const RESTORE: &str = "/fn/settings/restore_text";
const TEST: &str = "/fn/settings/send_test";
const LANGUAGE: &str = "/fn/settings/save_mail_language";
const LIST: &str = "/settings/messages";

#[component]
pub fn TextsPage() -> impl IntoView {
    page(|page| async move {
        let rows = edit::texts(page.pool(), &page.actor).await?;
        let usual = edit::mail_language(page.pool()).await?;
        let zone = Zone::stored(&page.practice.zone);
        let state = FormState::of(LANGUAGE);
        let options = Language::ALL.iter().map(move |language| {
            view! { <option value=language.as_str() selected=*language == usual>{language.label()}</option> }
        });
        let word = page.practice.client_word.clone();
        Ok(Shown::new(
            "Message texts",
            view! {
                <div class="page-head"><div><a class="back" href="/settings">"Settings"</a><h1>"Message texts"</h1>
                    <p class="sub">{format!("What emails and text messages say. Each {word} gets their own language if there is one.")}</p>
                </div></div>
                <div class="stack">
                    <section class="panel" aria-labelledby="usual">
                        <h2 id="usual">"Default language"</h2>
                        <PostForm action=LANGUAGE page=LIST state=state>
                            <div class="field"><label for="language">"Used where there is no text in someone’s language"</label>
                                <select id="language" name="language">{options.collect_view()}</select></div>
                            <div class="form-actions"><button type="submit" class="button">"Save"</button></div>
                        </PostForm>
                    </section>
                    {table(&rows, &zone)}
                </div>
            },
        ))
    })
}

/// One row for each message: its texts by channel and language, and which are the practice's own.
fn table(rows: &[TextRow], zone: &Zone) -> AnyView {
    let link = |row: &TextRow| {
        let elsewhere = row.text == Text::Welcome && row.language == Language::English;
        let href = match elsewhere {
            true => "/settings/welcome".to_owned(),
            false => address(row.text, row.channel, row.language),
        };
        let changed = row.own.as_ref().map(|(at, by)| {
            let title = format!("By {by}, {}", zone.short_date(*at));
            view! { " "<span class="badge info" title=title>"Changed"</span> }
        });
        let which = format!("{}, {}: ", row.text.label(), row.channel.label());
        view! {
            <li><span class="sr-only">{which}</span><a href=href><span lang=row.language.as_str()>{row.language.label()}</span></a>{changed}</li>
        }
    };
    let cell = |text: Text, channel: TextChannel| {
        let links = rows.iter().filter(|row| row.text == text && row.channel == channel).map(link).collect_view();
        let label = channel.label();
        view! { <td data-label=label>{if text.channels().contains(&channel) { view! { <ul class="tag-list">{links}</ul> }.into_any() } else { "–".into_any() }}</td> }
    };
    let line = |text: &Text| {
        view! {
            <tr><th scope="row">{text.label()}</th>{cell(*text, TextChannel::Email)}{cell(*text, TextChannel::Sms)}</tr>
        }
    };
    let texts = Text::ALL.iter().filter(|text| rows.iter().any(|row| row.text == **text));
    view! {
        <div class="panel flush"><div class="table-wrap"><table class="table cards">
            <thead><tr><th scope="col">"Message"</th><th scope="col">"Email"</th><th scope="col">"Text message"</th></tr></thead>
            <tbody>{texts.map(line).collect_view()}</tbody>
        </table></div></div>
    }
    .into_any()
}

fn address(text: Text, channel: TextChannel, language: Language) -> String {
    format!("{LIST}/{}/{}/{}", text.as_str(), channel.as_str(), language.as_str())
}

/// Which text the page is of.
#[derive(Clone, Copy)]
struct Of {
    text: Text,
    channel: TextChannel,
    language: Language,
}

impl Of {
    fn address(self) -> String {
        address(self.text, self.channel, self.language)
    }

    fn hidden(self) -> impl IntoView {
        view! {
            <input type="hidden" name="text" value=self.text.as_str()/>
            <input type="hidden" name="channel" value=self.channel.as_str()/>
            <input type="hidden" name="language" value=self.language.as_str()/>
        }
    }
}

#[component]
pub fn TextPage() -> impl IntoView {
    let asked = (param("text").parse(), param("channel").parse(), param("language").parse());
    page(|page| async move {
        page.actor.administrator()?;
        let (Ok(text), Ok(channel), Ok(language)) = asked else { return Err(Refusal::NotFound.into()) };
        let of = Of { text, channel, language };
        let stored = edit::text(page.pool(), &page.actor, text, channel, language).await?;
        // A preview shows the page again, with what is typed.
        let state = FormState::of(SAVE);
        let words = Words {
            subject: state.value("subject", &stored.words.subject),
            body: state.value("body", &stored.words.body),
        };
        let number = state.plain("client").unwrap_or_default().trim().to_owned();
        let preview = preview(&page, of, &words, &number).await?;
        let other = vec![("Subject", stored.words.subject.clone()), ("Text", stored.words.body.clone())];
        let other = saved_now(&state, &of.address(), other);
        let zone = Zone::stored(&page.practice.zone);
        Ok(Shown::new(
            text.label(),
            view! {
                <div class="page-head"><div><a class="back" href=LIST>"Message texts"</a><h1>{text.label()}</h1>
                    <p class="sub">{format!("{}, {}", channel.label(), language.label())}</p></div></div>
                <div class="split">
                    <div class="stack">
                        {form(of, state, &stored, &words, &number)}
                        {versions(of, &stored, &zone)}
                    </div>
                    <div class="stack">{other}{preview}</div>
                </div>
            },
        ))
    })
}

fn form(of: Of, state: FormState, stored: &TextShown, words: &Words, number: &str) -> AnyView {
    let version = match state.is_stale() {
        true => stored.version().to_string(),
        false => state.value("version", &stored.version().to_string()),
    };
    let hints = of.text.placeholders(of.channel).iter().map(|one| {
        view! { <li><code>{format!("{{{}}}", one.as_str())}</code>" "{one.label()}</li> }
    });
    let is_mail = of.channel == TextChannel::Email;
    let hint = match (is_mail, of.text.required(of.channel)) {
        (_, Some(needed)) => format!("{{{}}} is required.", needed.as_str()),
        (true, None) if of.text == Text::Login => {
            "Stands below the text of each email about a login, above your contact details.".to_owned()
        }
        (true, None) => "The details of the appointment and your contact details follow below it.".to_owned(),
        (false, None) => "Time, place, practice and link only: nothing about anyone’s health.".to_owned(),
    };
    let (subject_label, body_label) =
        if of.text == Text::Login { ("Greeting", "Signature") } else { ("Subject", "Text") };
    let (subject, typed) = (words.subject.clone(), state.clone());
    let subject = is_mail.then(move || {
        view! { <TextField field="subject" label=subject_label state=typed value=subject required=true/> }
    });
    let (body, number) = (words.body.clone(), number.to_owned());
    let rows = if is_mail { 8 } else { 4 };
    view! {
        <PostForm action=SAVE page=of.address() state=state.clone() class="panel form" long=true>
            {of.hidden()}
            <input type="hidden" name=FormState::name("version") value=version autocomplete="off"/>
            {subject}
            <TextArea field="body" label=body_label state=state value=body rows=rows hint=hint/>
            <details class="section"><summary>"What can be filled in"</summary><ul class="list">{hints.collect_view()}</ul></details>
            <div class="field">
                <label for="client">"Preview with number (optional)"</label>
                <input id="client" name="client" inputmode="numeric" class="short" autocomplete="off" value=number/>
            </div>
            <div class="form-actions">
                <button class="button primary" type="submit">"Save"</button>
                <button class="button" type="submit" name="look" value="true" formnovalidate="">"Preview"</button>
                <a class="button quiet" href=of.address()>"Undo changes"</a>
            </div>
        </PostForm>
    }
    .into_any()
}

/// What a reader gets, as text and as the page that mail programs show.
async fn preview(page: &Page, of: Of, words: &Words, number: &str) -> Result<AnyView, AppError> {
    let client: Option<ClientNumber> = number.parse().ok();
    let base_url = page.app.settings.base_url.clone();
    let asked = Previewed { text: of.text, channel: of.channel, language: of.language, words: words.clone(), client };
    let (found, trouble) = match edit::preview(page.pool(), &page.actor, &asked, &base_url).await {
        Ok(found) => (found, client.is_none() && !number.is_empty()),
        Err(db::Error::Refused(Refusal::Invalid(_))) => {
            let made_up = Previewed { client: None, ..asked };
            (edit::preview(page.pool(), &page.actor, &made_up, &base_url).await?, true)
        }
        Err(error) => return Err(error.into()),
    };
    let word = &page.practice.client_word;
    let trouble = trouble.then(|| format!("No {word} has the number {number}. This is for someone made up."));
    let trouble = || trouble.clone().map(|words| view! { <p class="notice warn">{words}</p> });
    let (subject, body) = found;
    let test = (of.channel == TextChannel::Email).then(|| {
        view! {
            <form method="post" action=TEST data-once="">
                <input type="hidden" name="_page" value=of.address()/>
                {of.hidden()}
                <button class="button small" type="submit">"Send a test to me"</button>
            </form>
        }
    });
    let parts = (of.channel == TextChannel::Sms).then(|| {
        let found = segments(&body);
        let letters = match (found.is_gsm, found.parts) {
            (false, _) => ", because of letters outside the basic alphabet",
            (true, 0 | 1) => "",
            (true, _) => ", because it’s longer than 160 characters",
        };
        let parts = if found.parts == 1 { "1 part".to_owned() } else { format!("{} parts", found.parts) };
        view! { <p class="muted small">{format!("Sent as {parts}{letters}.")}</p> }
    });
    let html = (of.channel == TextChannel::Email).then(|| {
        view! {
            <section class="panel" aria-labelledby="preview">
                <div class="panel-head"><h2 id="preview">"Preview"</h2><span class="muted small">"Saved texts are sent"</span></div>
                {trouble()}
                <p class="strong">{subject.clone()}</p>
                <div class="stack tight" lang=of.language.as_str()>{shown(&body, &base_url)}</div>
                {test}
            </section>
        }
    });
    let is_mail = html.is_some();
    Ok(view! {
        {html}
        <section class="panel" aria-labelledby="plain">
            <div class="panel-head"><h2 id="plain">{if is_mail { "As plain text" } else { "Preview" }}</h2></div>
            {(!is_mail).then(trouble)}
            {parts}
            <pre class="wrap" lang=of.language.as_str()>{body.clone()}</pre>
        </section>
    }
    .into_any())
}

/// Paragraphs and lines, with the links of this server.
fn shown(text: &str, base_url: &str) -> impl IntoView + use<> {
    let line = |line: &str| {
        let parts = split_links(line, base_url).into_iter().map(|part| match part {
            Part::Text(text) => text.to_owned().into_any(),
            Part::Link(link) => view! { <a href=link.to_owned() rel="nofollow">{link.to_owned()}</a> }.into_any(),
        });
        view! { {parts.collect_view()}<br/> }
    };
    text.split("\n\n").map(|paragraph| view! { <p>{paragraph.lines().map(line).collect_view()}</p> }).collect_view()
}

fn versions(of: Of, stored: &TextShown, zone: &Zone) -> AnyView {
    let restore = |version: i64, label: &'static str, which: String| {
        view! {
            <form method="post" action=RESTORE data-once="">
                <input type="hidden" name="_page" value=of.address()/>
                {of.hidden()}
                <input type="hidden" name="version" value=version.to_string()/>
                <input type="hidden" name="seen" value=stored.version().to_string() autocomplete="off"/>
                <button class="button small" type="submit">{label}<span class="sr-only">{format!(": {which}")}</span></button>
            </form>
        }
    };
    let line = |(place, version): (usize, &TextVersion)| {
        let at = when(zone, version.at);
        let words = version.words.as_ref().unwrap_or(&stored.original);
        let what = if version.words.is_none() { "Back to the original" } else { "Saved" };
        let which = at.clone();
        let back = (place > 0 && *words != stored.words).then(|| {
            view! {
                <details class="section"><summary>"Compare with now"</summary>{compared(words, &stored.words)}</details>
                {restore(version.id, "Use this version", which)}
            }
        });
        let now = (place == 0).then(|| view! { " "<span class="badge info">"In use"</span> });
        view! { <li><time datetime=version.at.to_rfc3339()>{at}</time><div>{format!("{what} by {}", version.by)}{now}{back}</div></li> }
    };
    let lines = stored.versions.iter().enumerate().map(line).collect_view();
    let original = stored.is_own.then(|| {
        view! {
            <details class="section"><summary>"Compare with the original"</summary>{compared(&stored.original, &stored.words)}</details>
            {restore(0, "Back to the original", "the built-in text".to_owned())}
        }
    });
    view! {
        <section class="panel" aria-labelledby="versions">
            <div class="panel-head"><h2 id="versions">"Versions"</h2></div>
            <ErrorSummary state=FormState::of(RESTORE)/>
            {stored.versions.is_empty().then(|| view! { <p class="muted">"This is the original text."</p> })}
            <ul class="timeline">{lines}</ul>
            {original}
        </section>
    }
    .into_any()
}

fn when(zone: &Zone, at: DateTime<Utc>) -> String {
    format!("{}, {}", zone.short_date(at), zone.clock(at))
}

/// The lines of a version; those that are not in the words of now are deleted, and those that
/// are there instead inserted.
fn compared(then: &Words, now: &Words) -> AnyView {
    let lines = |words: &Words| -> Vec<String> {
        std::iter::once(words.subject.clone()).chain(words.body.lines().map(str::to_owned)).collect()
    };
    let (then, now) = (lines(then), lines(now));
    let gone = then.iter().map(|line| match now.contains(line) {
        true => view! { <p>{line.clone()}</p> }.into_any(),
        false => view! { <p><del>{line.clone()}</del></p> }.into_any(),
    });
    let come = now.iter().filter(|line| !then.contains(line)).map(|line| view! { <p><ins>{line.clone()}</ins></p> });
    view! { <div class="stack tight">{gone.collect_view()}{come.collect_view()}</div> }.into_any()
}
