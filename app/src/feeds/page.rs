//! *Calendar feeds*: one's own, with the address of a new one shown once.

use super::shown_once;
use crate::ui::page::{Shown, page};
use crate::ui::{CheckField, ErrorSummary, FormState, PostForm, SelectField};
use db::Actor;
use db::time::Zone;
use leptos::prelude::*;
use shared::accounts::Secret;
use shared::feeds::{Feed, Names};

const CREATE: &str = "/fn/feeds/create";
const REVOKE: &str = "/fn/feeds/revoke";

#[component]
pub fn FeedsPage() -> impl IntoView {
    page(|page| async move {
        let is_staff = matches!(page.actor, Actor::Staff(_));
        let secret = match shown_once::take(shown_once::FEED) {
            Some(secret) if db::feeds::is_own(page.pool(), &page.actor, &secret).await? => Some(secret),
            _ => None,
        };
        let feeds = db::feeds::list(page.pool(), &page.actor).await?;
        let zone = Zone::stored(&page.practice.zone);
        let holds = match is_staff {
            true => "See the appointments that you give in your own calendar app.",
            false => "See your appointments in your own calendar app.",
        };
        let base = page.app.settings.base_url.clone();
        Ok(Shown::new(
            "Calendar feeds",
            view! {
                <div class="page-head">
                    <div>
                        <a class="back" href="/account">"My account"</a>
                        <h1>"Calendar feeds"</h1>
                        <p class="sub">{holds}</p>
                    </div>
                </div>
                <ErrorSummary state=FormState::of(REVOKE)/>
                {secret.map(|secret| address(&base, &secret))}
                {own(feeds, &zone, is_staff)}
                <div class="cols-2">
                    {create(is_staff)}
                    {pace()}
                </div>
            },
        ))
    })
}

/// The address of the feed that was just made.
fn address(base: &str, secret: &Secret) -> impl IntoView + use<> {
    let https = format!("{base}{}", super::path_of(secret));
    let webcal = https.split_once("://").map(|(_, rest)| format!("webcal://{rest}"));
    view! {
        <section class="panel" aria-labelledby="address">
            <h2 id="address">"Address of the new feed"</h2>
            <p class="notice warn">"Copy this address now. We don’t show it again."</p>
            <div class="field">
                <label for="feed-address">"Feed address"</label>
                <p class="hint" id="feed-address-hint">"Google Calendar: Other calendars, From URL. Outlook: Add calendar, Subscribe from web."</p>
                <input id="feed-address" type="text" value=https readonly=true spellcheck="false" aria-describedby="feed-address-hint"/>
            </div>
            {webcal.map(|href| view! { <div class="row"><a class="button" href=href rel="noreferrer">"Open in a calendar app"</a></div> })}
        </section>
    }
}

fn own(feeds: Vec<Feed>, zone: &Zone, is_staff: bool) -> AnyView {
    if feeds.is_empty() {
        return view! { <p class="muted">"No calendar feeds yet."</p> }.into_any();
    }
    let note = zone.note();
    let rows = feeds.into_iter().map(|feed| row(&feed, zone, is_staff)).collect_view();
    view! {
        <div class="panel flush">
            <div class="table-wrap">
                <table class="table cards">
                    <caption class="sr-only">"Your calendar feeds"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Created"</th>
                            <th scope="col">"Shows"</th>
                            <th scope="col">"Last read"</th>
                            <th scope="col"><span class="sr-only">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </div>
        <p class="muted small">{note}</p>
    }
    .into_any()
}

fn row(feed: &Feed, zone: &Zone, is_staff: bool) -> impl IntoView + use<> {
    let at = |at| format!("{}, {}", zone.short_date(at), zone.exact_clock(at));
    let created = at(feed.made_at);
    let read = feed.read_at.map_or_else(|| "Not yet".to_owned(), at);
    let shows = match (is_staff, feed.names, feed.others) {
        (true, Names::Codes, _) => "My calendar, codes",
        (true, Names::Names, _) => "My calendar, names",
        (false, _, true) => "Mine, and people I book for",
        (false, _, false) => "My appointments",
    };
    let label = format!("Revoke the feed created {created}");
    view! {
        <tr>
            <th scope="row" data-label="Created" class="tnum">{created}</th>
            <td data-label="Shows">{shows}</td>
            <td data-label="Last read" class="tnum">{read}</td>
            <td class="actions">
                <form method="post" action=REVOKE data-once="">
                    <input type="hidden" name="_page" value=super::PAGE/>
                    <input type="hidden" name="feed" value=feed.id.to_string()/>
                    <button class="button small" type="submit" aria-label=label>"Revoke"</button>
                </form>
            </td>
        </tr>
    }
}

fn create(is_staff: bool) -> impl IntoView {
    let state = FormState::of(CREATE);
    let choice = match is_staff {
        true => {
            let options =
                Names::ALL.iter().map(|names| (names.as_str().to_owned(), names.label().to_owned())).collect();
            view! {
                <SelectField field="names" label="Show people as" state=state.clone() options value=Names::Codes.as_str()
                    hint="Calendar apps send the feed to their own servers. Codes keep names off them."/>
            }
            .into_any()
        }
        false => view! {
            <CheckField field="others" label="Include people I book for" state=state.clone()
                hint="Their upcoming appointments show with their first name, for as long as you may book for them."/>
        }
        .into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="new-feed">
            <h2 id="new-feed">"New calendar feed"</h2>
            <PostForm action=CREATE page=super::PAGE state=state.clone()>
                {choice}
                <div class="row"><button class="button primary" type="submit">"Create feed"</button></div>
            </PostForm>
            <p class="muted small">"A feed holds the last 30 days and the next 12 months: times and places, no notes. Anyone who has its address can read it. Revoke it if someone else got it."</p>
        </section>
    }
}

fn pace() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="pace">
            <h2 id="pace">"When changes show"</h2>
            <p>"Your calendar app decides how often it looks. A change can take:"</p>
            <dl class="facts">
                <div><dt>"Google Calendar"</dt><dd>"4 to 24 hours"</dd></div>
                <div><dt>"Outlook"</dt><dd>"1 to 4 hours or longer"</dd></div>
                <div><dt>"Apple Calendar"</dt><dd>"About 1 hour"</dd></div>
            </dl>
            <p class="muted small">"For late changes, rely on this site and on your emails."</p>
        </section>
    }
}
