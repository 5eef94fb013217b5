//! Find next: a service, one client or two who come together, and their wishes give the
//! first times. Every answer is in the address; two are booked in one press.

use crate::clients::picker::{ClientPicker, picker_results};
use crate::context::query;
use crate::error::AppError;
use crate::ui::page::{Page, Shown, page};
use crate::ui::{FormState, PostForm};
use chrono::{NaiveDate, Utc};
use db::appointments::FoundVisit;
use db::time::Zone;
use leptos::prelude::*;
use shared::appointments::instant_text;
use shared::clients::ClientProfile;
use shared::find::{FOUND_MAX, PartOfDay, Together, Wanted, Wishes};
use shared::practice::WEEKDAYS;
use shared::{ClientId, ClientNumber, ServiceId, StaffId};

const BOOK: &str = "/fn/appointments/book_several";
const PATH: &str = "/appointments/find";

/// What the address holds.
#[derive(Clone, Default)]
struct Params {
    client: Option<ClientNumber>,
    q: String,
    service: Option<ServiceId>,
    practitioner: Option<StaffId>,
    also: Option<ClientId>,
    together: Option<Together>,
    wishes: Wishes,
    from: Option<NaiveDate>,
}

impl Params {
    fn read() -> Params {
        let parts = PartOfDay::ALL.iter().copied().filter(|part| !query(part.as_str()).is_empty()).collect();
        let not_on = (1..=7).filter(|day| !query(&format!("not{day}")).is_empty()).collect();
        Params {
            client: query("client").parse().ok(),
            q: query("client_q"),
            service: query("service").parse().ok(),
            practitioner: query("practitioner").parse().ok(),
            also: query("also").parse().ok(),
            together: query("together").parse().ok(),
            wishes: Wishes { parts, not_on },
            from: shared::parse::date(&query("from")).ok(),
        }
    }

    fn wanted(&self, client: ClientId) -> Option<Wanted> {
        Some(Wanted {
            service: self.service?,
            practitioner: self.practitioner,
            client,
            also: self.also.map(|also| (also, self.together.unwrap_or(Together::After))),
            wishes: self.wishes.clone(),
        })
    }
}

/// Where times are looked for, with the answers that are known.
pub(super) fn link(client: Option<ClientNumber>, service: Option<ServiceId>) -> String {
    let client = client.map(|client| format!("client={client}"));
    let service = service.map(|service| format!("service={service}"));
    let pairs: Vec<String> = client.into_iter().chain(service).collect();
    format!("{PATH}?{}", pairs.join("&"))
}

#[component]
pub fn FindPage() -> impl IntoView {
    let params = Params::read();
    let state = FormState::of(BOOK);
    page(move |page| async move {
        if !page.actor.staff()?.books() {
            return Err(shared::Refusal::Forbidden.into());
        }
        let client = match params.client {
            Some(number) => Some(crate::clients::pages::record(&page, number).await?),
            None => None,
        };
        let body = match &client {
            None => choose_client(&page, &params).await?,
            Some(client) => search(&page, client, &params, state).await?,
        };
        Ok(Shown::new(
            "Find next times",
            view! {
                <div class="page-head"><div>
                    <a class="back" href="/calendar">"Calendar"</a>
                    <h1>"Find next times"</h1>
                </div></div>
                {body}
            },
        ))
    })
}

/// Whose times are looked for.
async fn choose_client(page: &Page, params: &Params) -> Result<AnyView, AppError> {
    let word = &page.practice.client_word;
    let (q, service) = (params.q.trim(), params.service);
    let results = match q {
        "" => None,
        q => {
            let found = db::clients::search(page.pool(), &page.actor, q, 20).await?;
            Some(picker_results(found, word, move |client| link(Some(client.number), service)))
        }
    };
    let kept = service.map(|id| view! { <input type="hidden" name="service" value=id.to_string()/> });
    Ok(view! {
        <section class="panel" aria-labelledby="for-client">
            <h2 id="for-client">{crate::ui::capital(word)}</h2>
            <form class="form" method="get" action=PATH>
                {kept}
                <ClientPicker name="client".to_owned() label=format!("Search for {a_word}", a_word = crate::ui::a(word))
                    hint=page.practice.found_by().to_owned() focus=true/>
                <div class="form-actions"><button type="submit" class="button primary">"Continue"</button></div>
            </form>
            {results}
        </section>
    }
    .into_any())
}

async fn search(page: &Page, client: &ClientProfile, params: &Params, state: FormState) -> Result<AnyView, AppError> {
    let now = Utc::now();
    let services = db::practice::active_services(page.pool()).await?;
    let practitioners = db::practice::practitioners(page.pool(), &page.actor).await?;
    let linked = db::links::proxies_of(page.pool(), &page.actor, client.id).await?;
    let zone = db::appointments::free_times::venue_zone(page.pool()).await?;
    let from = params.from.unwrap_or(zone.date(now));
    let also = linked.iter().find(|(id, ..)| Some(*id) == params.also).map(|(_, name, ..)| name.clone());
    let names = move |id: ClientId, own: &ClientProfile| match id == own.id {
        true => own.name.clone(),
        false => also.clone().unwrap_or_default(),
    };
    let found = match params.wanted(client.id) {
        Some(wanted) if client.status.may_be_booked() => {
            let (found, zone) = db::appointments::find_next(page.pool(), &page.actor, &wanted, from, now).await?;
            Some(results(page, client, &wanted, found, &zone, names, state))
        }
        _ => None,
    };
    let services = services.into_iter().map(|service| {
        let chosen = params.service == Some(service.id);
        view! { <option value=service.id.to_string() selected=chosen>{service.name}</option> }
    });
    let people = practitioners.into_iter().filter(|one| one.active).map(|one| {
        let chosen = params.practitioner == Some(one.id);
        view! { <option value=one.id.to_string() selected=chosen>{one.name}</option> }
    });
    let (services, people) = (services.collect_view(), people.collect_view());
    let second = (!linked.is_empty()).then(|| {
        let options = linked.into_iter().map(|(id, name, ..)| {
            let chosen = params.also == Some(id);
            view! { <option value=id.to_string() selected=chosen>{name}</option> }
        });
        let how = Together::ALL.iter().map(|one| {
            let chosen = params.together.unwrap_or(Together::After) == *one;
            view! { <option value=one.as_str() selected=chosen>{one.label()}</option> }
        });
        view! {
            <div class="field"><label for="also">"Together with"</label>
                <select id="also" name="also"><option value="">"No one"</option>{options.collect_view()}</select></div>
            <div class="field"><label for="together">"How"</label>
                <select id="together" name="together">{how.collect_view()}</select></div>
        }
    });
    let parts = PartOfDay::ALL.iter().map(|part| {
        let checked = params.wishes.parts.contains(part);
        view! { <label class="check"><input type="checkbox" name=part.as_str() value="1" checked=checked/><span>{part.label()}</span></label> }
    });
    let days = WEEKDAYS.iter().zip(1u32..).map(|(day, number)| {
        let checked = params.wishes.not_on.contains(&number);
        view! { <label class="check"><input type="checkbox" name=format!("not{number}") value="1" checked=checked/><span>{*day}</span></label> }
    });
    let (parts, days) = (parts.collect_view(), days.collect_view());
    let open = params.wishes != Wishes::default();
    let other = link(None, params.service);
    let not_active = (!client.status.may_be_booked()).then(|| {
        let words = format!("{} isn’t active. Make them active before booking.", client.name);
        view! { <p class="notice warn">{words}</p> }
    });
    Ok(view! {
        <section class="panel" aria-labelledby="for-client">
            <div class="panel-head">
                <h2 id="for-client"><a href=format!("/clients/{}", client.number)>{client.name.clone()}</a></h2>
                <div class="actions"><a class="button small" href=other>"Choose another"</a></div>
            </div>
            {not_active}
            <form class="form" method="get" action=PATH>
                <input type="hidden" name="client" value=client.number.to_string()/>
                <div class="filters">
                    <div class="field grow"><label for="service">"Service"</label><select id="service" name="service" required=true>
                        {params.service.is_none().then(|| view! { <option value="" selected=true>"Choose a service"</option> })}{services}</select></div>
                    <div class="field"><label for="practitioner">"Practitioner"</label>
                        <select id="practitioner" name="practitioner"><option value="">"Anyone"</option>{people}</select></div>
                    <div class="field"><label for="from">"From"</label><input id="from" type="date" name="from" value=from.to_string()/></div>
                    {second}
                </div>
                <details class="section" open=open>
                    <summary>"Wishes"</summary>
                    <fieldset class="group"><legend>"Only"</legend><div class="row">{parts}</div></fieldset>
                    <fieldset class="group"><legend>"Not on"</legend><div class="row">{days}</div></fieldset>
                </details>
                <div class="form-actions"><button type="submit" class="button primary">"Find times"</button></div>
            </form>
        </section>
        {found}
    }
    .into_any())
}

fn results(
    page: &Page,
    client: &ClientProfile,
    wanted: &Wanted,
    found: Vec<Vec<FoundVisit>>,
    zone: &Zone,
    names: impl Fn(ClientId, &ClientProfile) -> String,
    state: FormState,
) -> AnyView {
    if found.is_empty() {
        let words = "No such time in the next 90 days. Try fewer wishes or another practitioner.";
        return view! { <div class="panel empty" id="found"><h2>"No times"</h2><p>{words}</p></div> }.into_any();
    }
    let refused = state.error().map(|error| {
        view! { <div class="error-summary" role="alert"><h2>{error.to_string()}</h2></div> }
    });
    let count = match found.len() {
        FOUND_MAX => format!("The first {FOUND_MAX} times"),
        1 => "One time".to_owned(),
        count => format!("{count} times"),
    };
    let rows = found.into_iter().map(|visits| {
        let first = visits.first().map(|visit| visit.starts_at).unwrap_or_default();
        let day = zone.long_date(first);
        let lines = visits.iter().map(|visit| {
            let clock = zone.clock_span(visit.starts_at, visit.ends_at);
            let who = if visits.len() > 1 { format!("{}, ", names(visit.client, client)) } else { String::new() };
            let words = format!("{who}{clock}, with {}", visit.practitioner_name);
            view! { <span class="small tnum">{words}</span> }
        });
        let lines = lines.collect_view();
        let action = match visits.as_slice() {
            [one] => {
                let at = zone.local(one.starts_at).format("%H:%M").to_string();
                let href = format!(
                    "/appointments/new?from={}&service={}&practitioner={}&at={at}&client={}",
                    zone.date(one.starts_at),
                    wanted.service,
                    one.practitioner,
                    client.number
                );
                view! { <a class="button small" href=href>"Choose"<span class="sr-only">" "{day.clone()}</span></a> }
                    .into_any()
            }
            _ => both(page, wanted, &visits, &day),
        };
        view! {
            <li>
                <div class="grow"><span class="strong">{day}</span>{lines}</div>
                <div class="actions">{action}</div>
            </li>
        }
    });
    let rows = rows.collect_view();
    let note = zone.note();
    view! {
        <section class="panel flush" id="found" aria-labelledby="found-title">
            <div class="panel-head"><h2 id="found-title">{count}</h2></div>
            {refused}
            <ul class="list arranged">{rows}</ul>
            <p class="panel-foot zone-note">{note}</p>
        </section>
    }
    .into_any()
}

/// Books the two in one press.
fn both(page: &Page, wanted: &Wanted, visits: &[FoundVisit], day: &str) -> AnyView {
    let fields = visits.iter().enumerate().map(|(index, visit)| {
        let name = |field: &str| format!("form[visits][{index}][{field}]");
        let pairs = [
            (name("client"), visit.client.to_string()),
            (name("service"), wanted.service.to_string()),
            (name("slot"), format!("{} {}", instant_text(visit.starts_at), visit.practitioner)),
            (name("request_key"), db::new_id().to_string()),
        ];
        pairs.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()
    });
    let fields = fields.collect_view();
    let day = day.to_owned();
    view! {
        <PostForm action=BOOK page=page.here.clone() state=FormState::default() class="row">
            {fields}
            <button type="submit" class="button small primary">"Book both"<span class="sr-only">" "{day}</span></button>
        </PostForm>
    }
    .into_any()
}
