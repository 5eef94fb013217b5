//! Asking one or several clients for something.

use crate::clients::picker::{ClientPicker, picker_results};
use crate::context::query;
use crate::error::AppError;
use crate::requests::ASK;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm, SelectField, TextArea, TextField};
use leptos::prelude::*;
use shared::ClientNumber;
use shared::requests::{PEOPLE_MAX, REMINDERS_MAX, RequestKind};

#[component]
pub fn NewRequestPage() -> impl IntoView {
    let (people, q, kind, adds) = (query("people"), query("client_q"), query("kind"), !query("add").is_empty());
    // The person picked from the list, beside those before.
    let one = query("one");
    let state = FormState::of(ASK);
    page(move |page| async move {
        page.actor.staff()?;
        let numbers = state.value("people", &format!("{people},{one}"));
        let numbers: Vec<ClientNumber> =
            numbers.split(',').filter_map(|number| number.trim().parse().ok()).take(PEOPLE_MAX).collect();
        let names = {
            let mut conn = page.connection().await?;
            db::clients::names(&mut conn, &page.actor, &numbers).await?
        };
        if numbers.is_empty() || adds && !state.was_posted() || !q.is_empty() {
            return choose(&page, &q, &numbers, &names).await;
        }
        let forms = db::forms::list(page.pool(), &page.actor).await?;
        let mut offered = vec![(String::new(), "—".to_owned())];
        let published = forms.into_iter().filter(|form| form.active && form.published.is_some());
        offered.extend(published.map(|form| (form.id.to_string(), form.name)));
        let no_forms = offered.len() == 1;
        let kinds = RequestKind::ALL.iter().map(|one| (one.as_str().to_owned(), one.label().to_owned())).collect();
        let key = if state.was_posted() { state.value("request_key", "") } else { db::new_id().to_string() };
        let list: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let reminders = (0..=REMINDERS_MAX)
            .map(|count| (count.to_string(), if count == 0 { "None".to_owned() } else { format!("Up to {count}") }));
        let more = format!("/requests/new?people={}&add=1", list.join(","));
        Ok(Shown::new(
            "New request",
            view! {
                <div class="page-head"><div><a class="back" href="/requests">"Requests"</a><h1>"New request"</h1>
                    <p class="sub">{names.join(", ")}</p></div>
                    <div class="actions"><a class="button" href=more>"Add more people"</a></div></div>
                <PostForm action=ASK page=page.here.clone() state=state.clone() class="panel form request-form">
                    <input type="hidden" name="form[people]" value=list.join(",")/>
                    <input type="hidden" name="form[request_key]" value=key autocomplete="off"/>
                    <SelectField field="kind" label="Type" state=state.clone() options=kinds value=kind/>
                    <div class="for-form">
                        <SelectField field="form" label="Form" state=state.clone() options=offered
                            hint=if no_forms { "No form is published yet. An administrator can publish one under Settings → Forms." } else { "For the type “Fill in a form”." }/>
                    </div>
                    <div class="for-text stack">
                        <TextField field="title" label="Title" state=state.clone() hint="For a document, a file or something else. They see it in the portal, never in the email."/>
                        <TextArea field="body" label="Text" state=state.clone() rows=8 hint="What they read and accept, which file you need, or what you’d like them to do."/>
                    </div>
                    <div class="field-row">
                        <TextField field="due_on" label="Due" kind="date" state=state.clone() optional=true/>
                        <SelectField field="reminders" label="Reminders" state=state options=reminders.collect() value="2"/>
                    </div>
                    <p class="hint">"We email the person, and linked people who may fill in forms for them. The email says that there’s something to do, never what."</p>
                    <div class="form-actions">
                        <button type="submit" class="button primary">"Send request"</button>
                    </div>
                </PostForm>
            },
        )
        .narrow())
    })
}

/// The people to ask, one after the other.
async fn choose(page: &Page, q: &str, numbers: &[ClientNumber], names: &[String]) -> Result<Shown, AppError> {
    let people = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let found = match q.trim() {
        "" => Vec::new(),
        q => db::clients::search(page.pool(), &page.actor, q, 20).await?,
    };
    let word = &page.practice.client_word;
    let results = (!q.trim().is_empty()).then(|| {
        picker_results(found, word, |client| match people.is_empty() {
            true => format!("/requests/new?people={}", client.number),
            false => format!("/requests/new?people={people},{}&add=1", client.number),
        })
    });
    let chosen = (!names.is_empty()).then(|| {
        let go_on = format!("/requests/new?people={people}");
        let words = format!("Chosen: {}", names.join(", "));
        let label = if names.len() == 1 { "Continue with 1 person".to_owned() } else { format!("Continue with {} people", names.len()) };
        view! { <section class="panel" aria-label="Chosen"><p>{words}</p><a class="button primary" href=go_on>{label}</a></section> }
    });
    let label = format!("Search for {}", crate::ui::a(word));
    Ok(Shown::new(
        "New request",
        view! {
            <div class="page-head"><div><a class="back" href="/requests">"Requests"</a><h1>"New request"</h1></div></div>
            {chosen}
            <section class="panel" aria-labelledby="for-client">
                <h2 id="for-client">{crate::ui::capital(word)}</h2>
                <form class="form" method="get" action="/requests/new">
                    {(!people.is_empty()).then(|| view! { <input type="hidden" name="people" value=people.clone()/><input type="hidden" name="add" value="1"/> })}
                    <ClientPicker name="one".to_owned() label hint=page.practice.found_by().to_owned() focus=true/>
                    <div class="form-actions"><button type="submit" class="button primary">"Continue"</button></div>
                </form>
                {results}
            </section>
        },
    ))
}
