//! Every page and its address, and the document around them.

use crate::accounts::own::AccountPage;
use crate::accounts::pages::{ClaimPage, FinishRegistrationPage, LoginPage, RegisterPage, ResetPage, ResetRequestPage};
use crate::activities::pages::{ActivitiesPage, ActivityPage, NewActivityPage};
use crate::appointments::pages::{AppointmentPage, CalendarPage, NewAppointmentPage};
use crate::availability::pages::{AvailabilityPage, MyAvailabilityPage};
use crate::bulk::pages::BulkPage;
use crate::clients::pages::{AllClientsPage, ClientPage, CodeSheetPage, EditClientPage, MyClientsPage, NewClientPage};
use crate::context;
use crate::deletion::DeletePage;
use crate::import::pages::{ImportPage, ImportsPage};
use crate::links::pages::{AddLinkPage, EditLinkPage, RemoveLinkPage, SetUpLinkPage};
use crate::memberships::pages::{AddMembersPage, MembershipPage, SelectedPage};
use crate::merge::pages::{DuplicatesPage, MergePage, MergesPage};
use crate::portal::details::MyDetailsPage;
use crate::portal::pages::{BookPage, CancelMinePage, ConfirmBookingPage, MyAppointmentsPage};
use crate::prospects::pages::ProspectsPage;
use crate::reports::ReportsPage;
use crate::settings::pages::{
    FieldPage, FieldsPage, FirstRunPage, HoursPage, LocationsPage, NewMemberPage, OutboxMessagePage, OutboxPage,
    PracticePage, PractitionersPage, ProvidersPage, ServicePage, ServicesPage, SettingsPage, SetupPage, TagsPage,
    TeamMemberPage, TeamPage, VocabulariesPage, VocabularyPage, WelcomePage,
};
use crate::ui::Posted;
use crate::ui::page::NotFound;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// What every page does before it is shown: whose it is.
const SESSION: &str = include_str!("ui/session.js");

/// The document.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    set_policy();
    let account = context::maybe_actor().map(|actor| actor.mark());
    // A refused form is answered at its function's address: the page's own is this.
    let page = context::extension::<Posted>().map(|_| context::here());
    let chosen = context::extension::<context::CurrentPreferences>();
    let theme =
        chosen.as_ref().map(|chosen| chosen.theme.clone()).filter(|theme| theme != "system" && !theme.is_empty());
    let keys = chosen.is_some_and(|chosen| !chosen.single_keys).then_some("off");
    view! {
        <!DOCTYPE html>
        <html lang="en" data-account=account data-theme=theme data-keys=keys>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {page.map(|href| view! { <link rel="canonical" href=href/> })}
                <script nonce=leptos::nonce::use_nonce() inner_html=SESSION></script>
                <HashedStylesheet id="kindred" options=options.clone()/>
                <HydrationScripts options islands=true/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Scripts only with this request's nonce; nothing from elsewhere; no frames.
fn set_policy() {
    use axum::http::{HeaderName, HeaderValue};
    let (Some(nonce), Some(response)) = (leptos::nonce::use_nonce(), use_context::<leptos_axum::ResponseOptions>())
    else {
        return;
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    );
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.insert_header(HeaderName::from_static("content-security-policy"), value);
    }
}

/// Rendered on the server alone; the browser wakes the islands in it.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
                <Route path=path!("/reset") view=ResetRequestPage ssr=SsrMode::Async/>
                <Route path=path!("/reset/:token") view=ResetPage ssr=SsrMode::Async/>
                <Route path=path!("/register") view=RegisterPage ssr=SsrMode::Async/>
                <Route path=path!("/register/:token") view=FinishRegistrationPage ssr=SsrMode::Async/>
                <Route path=path!("/claim/:token") view=ClaimPage ssr=SsrMode::Async/>
                <Route path=path!("/calendar") view=CalendarPage ssr=SsrMode::Async/>
                <Route path=path!("/appointments/new") view=NewAppointmentPage ssr=SsrMode::Async/>
                <Route path=path!("/appointments/:id") view=AppointmentPage ssr=SsrMode::Async/>
                <Route path=path!("/clients") view=AllClientsPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/mine") view=MyClientsPage ssr=SsrMode::Async/>
                <Route path=path!("/bulk/:id") view=BulkPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/prospects") view=ProspectsPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/duplicates") view=DuplicatesPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/merge") view=MergePage ssr=SsrMode::Async/>
                <Route path=path!("/clients/new") view=NewClientPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/import") view=ImportsPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/import/:id") view=ImportPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/groups/new") view=SelectedPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/members/new") view=AddMembersPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/members/:membership") view=MembershipPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/code-sheet") view=CodeSheetPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number") view=ClientPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/edit") view=EditClientPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/availability") view=AvailabilityPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/merges") view=MergesPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/delete") view=DeletePage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/links/new") view=AddLinkPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/links/new/:other") view=SetUpLinkPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/links/:other") view=EditLinkPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/links/:other/remove") view=RemoveLinkPage ssr=SsrMode::Async/>
                <Route path=path!("/activities") view=ActivitiesPage ssr=SsrMode::Async/>
                <Route path=path!("/activities/new") view=NewActivityPage ssr=SsrMode::Async/>
                <Route path=path!("/activities/:id") view=ActivityPage ssr=SsrMode::Async/>
                <Route path=path!("/reports") view=ReportsPage ssr=SsrMode::Async/>
                <Route path=path!("/book") view=BookPage ssr=SsrMode::Async/>
                <Route path=path!("/book/confirm") view=ConfirmBookingPage ssr=SsrMode::Async/>
                <Route path=path!("/my/details") view=MyDetailsPage ssr=SsrMode::Async/>
                <Route path=path!("/my/appointments") view=MyAppointmentsPage ssr=SsrMode::Async/>
                <Route path=path!("/my/appointments/:id/cancel") view=CancelMinePage ssr=SsrMode::Async/>
                <Route path=path!("/my/availability") view=MyAvailabilityPage ssr=SsrMode::Async/>
                <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/practice") view=PracticePage ssr=SsrMode::Async/>
                <Route path=path!("/settings/locations") view=LocationsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/fields") view=FieldsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/fields/:id") view=FieldPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/providers") view=ProvidersPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/tags") view=TagsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/vocabularies") view=VocabulariesPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/vocabularies/:vocabulary") view=VocabularyPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/services") view=ServicesPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/services/:id") view=ServicePage ssr=SsrMode::Async/>
                <Route path=path!("/settings/practitioners") view=PractitionersPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/practitioners/:id") view=HoursPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/team") view=TeamPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/team/new") view=NewMemberPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/team/:id") view=TeamMemberPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/first-run") view=FirstRunPage ssr=SsrMode::Async/>
                <Route path=path!("/setup/:token") view=SetupPage ssr=SsrMode::Async/>
                <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/welcome") view=WelcomePage ssr=SsrMode::Async/>
                <Route path=path!("/settings/outbox") view=OutboxPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/outbox/:id") view=OutboxMessagePage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
