//! Every page and its address, and the document around them.

use crate::accounts::confirm::ConfirmPage;
use crate::accounts::own::AccountPage;
use crate::accounts::pages::{
    ClaimPage, ConfirmAddressPage, FinishRegistrationPage, LoginPage, NotMePage, RegisterPage, ResetPage,
    ResetRequestPage,
};
use crate::accounts::passkeys::PasskeyPage;
use crate::accounts::recovery::RecoveryCodesPage;
use crate::accounts::security::{AuthenticatorPage, SecondFactorPage, SecurityPage};
use crate::activities::pages::{ActivitiesPage, ActivityPage, NewActivityPage};
use crate::appointments::pages::{
    AppointmentPage, FindPage, HandoverPage, MoveAppointmentPage, NewAppointmentPage, PairingPage, RequestsPage,
};
use crate::availability::pages::{AvailabilityPage, MyAvailabilityPage};
use crate::bulk::pages::BulkPage;
use crate::calendar::pages::CalendarPage;
use crate::calls::page::CallsPage;
use crate::clients::pages::{AllClientsPage, CodeSheetPage, MyClientsPage};
use crate::context;
use crate::deletion::DeletePage;
use crate::documents::pages::{DocumentPage, EditDocumentPage, MyDocumentPage, MyDocumentsPage, NewDocumentPage};
use crate::feeds::page::FeedsPage;
use crate::forms::pages::{
    AmendFormPage, FillFormPage, FormItemPage, FormLinkPage, FormPage, FormPreviewPage, FormsPage, LogInAgainPage,
    ResponsePage,
};
use crate::import::pages::{ImportPage, ImportsPage};
use crate::links::pages::{
    AddLinkPage, DecidePage, EditLinkPage, InvitedPage, LinkSettingsPage, MyPeoplePage, RemoveLinkPage, SetUpLinkPage,
};
use crate::memberships::pages::{AddMembersPage, MembershipPage, SelectedPage};
use crate::merge::pages::{DuplicatesPage, MergePage, MergesPage};
use crate::permissions::pages::PermissionsPage;
use crate::portal::booking::BookPage;
use crate::portal::cancelling::CancelMinePage;
use crate::portal::confirm::ConfirmBookingPage;
use crate::portal::details::MyDetailsPage;
use crate::portal::edit_details::EditMyDetailsPage;
use crate::portal::history::HistoryPage;
use crate::portal::home::HomePage;
use crate::portal::list::MyAppointmentsPage;
use crate::portal::moving::MoveMinePage;
use crate::portal::one::MyAppointmentPage;
use crate::portal::practitioners::PractitionersPage as MyPractitionersPage;
use crate::prospects::pages::ProspectsPage;
use crate::record::{ClientPage, EditClientPage, NewClientPage};
use crate::reply::pages::{ReplyMovePage, ReplyPage};
use crate::reports::ReportsPage;
use crate::requests::pages::{
    ClientFormsPage, MyRequestPage, MyRequestsPage, NewRequestPage, RequestPage, RequestRulesPage, RequestedPage,
};
use crate::safe_contact::page::SafeContactPage;
use crate::series::pages::{ExtendSeriesPage, NewSeriesPage, SeriesPage};
use crate::settings::pages::{
    AboutPage, AffectedPage, FieldPage, FieldsPage, FirstRunPage, HoursPage, LocationsPage, LoginSecurityPage,
    NewMemberPage, OutboxMessagePage, OutboxPage, PracticePage, PractitionersPage, ProvidersPage, RemindersPage,
    RoomsPage, SectionsPage, ServicePage, ServicesPage, SettingsPage, SetupPage, SmsPage, TagsPage, TeamMemberPage,
    TeamPage, TextPage, TextsPage, TimeOffPage, VocabulariesPage, VocabularyPage, WelcomePage,
};
use crate::site::{SESSION, SITE};
use crate::staffing::pages::StaffingPage;
use crate::todo::page::TodoPage;
use crate::ui::Posted;
use crate::ui::page::NotFound;
use crate::unsubscribe::page::UnsubscribePage;
use crate::visits::pages::{VisitPage, VisitSettingsPage};
use crate::waitlist::pages::{JoinWaitlistPage, NewWaitPage, OfferPage, OfferSettingsPage, WaitPage, WaitingListPage};
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

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

/// Rendered on the server alone; the browser hydrates the islands in it.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(SITE);
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
                <Route path=path!("/login/again") view=LogInAgainPage ssr=SsrMode::Async/>
                <Route path=path!("/reset") view=ResetRequestPage ssr=SsrMode::Async/>
                <Route path=path!("/reset/:token") view=ResetPage ssr=SsrMode::Async/>
                <Route path=path!("/register") view=RegisterPage ssr=SsrMode::Async/>
                <Route path=path!("/register/:token") view=FinishRegistrationPage ssr=SsrMode::Async/>
                <Route path=path!("/claim/:token") view=ClaimPage ssr=SsrMode::Async/>
                <Route path=path!("/confirm-email/:token") view=ConfirmAddressPage ssr=SsrMode::Async/>
                <Route path=path!("/m/:token") view=ReplyPage ssr=SsrMode::Async/>
                <Route path=path!("/m/:token/move") view=ReplyMovePage ssr=SsrMode::Async/>
                <Route path=path!("/calendar") view=CalendarPage ssr=SsrMode::Async/>
                <Route path=path!("/appointments/new") view=NewAppointmentPage ssr=SsrMode::Async/>
                <Route path=path!("/appointments/find") view=FindPage ssr=SsrMode::Async/>
                <Route path=path!("/appointments/requests") view=RequestsPage ssr=SsrMode::Async/>
                <Route path=path!("/appointments/:id/move") view=MoveAppointmentPage ssr=SsrMode::Async/>
                <Route path=path!("/appointments/series/new") view=NewSeriesPage ssr=SsrMode::Async/>
                <Route path=path!("/appointments/:id/series/extend") view=ExtendSeriesPage ssr=SsrMode::Async/>
                <Route path=path!("/appointments/:id/series") view=SeriesPage ssr=SsrMode::Async/>
                <Route path=path!("/appointments/:id") view=AppointmentPage ssr=SsrMode::Async/>
                <Route path=path!("/todo") view=TodoPage ssr=SsrMode::Async/>
                <Route path=path!("/waiting-list") view=WaitingListPage ssr=SsrMode::Async/>
                <Route path=path!("/waiting-list/new") view=NewWaitPage ssr=SsrMode::Async/>
                <Route path=path!("/waiting-list/:id") view=WaitPage ssr=SsrMode::Async/>
                <Route path=path!("/offers/:token") view=OfferPage ssr=SsrMode::Async/>
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
                <Route path=path!("/clients/:number/pairing") view=PairingPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/merges") view=MergesPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/delete") view=DeletePage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/forms") view=ClientFormsPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/documents/new") view=NewDocumentPage ssr=SsrMode::Async/>
                <Route path=path!("/documents/:id") view=DocumentPage ssr=SsrMode::Async/>
                <Route path=path!("/documents/:id/edit") view=EditDocumentPage ssr=SsrMode::Async/>
                <Route path=path!("/my/documents") view=MyDocumentsPage ssr=SsrMode::Async/>
                <Route path=path!("/my/documents/:id") view=MyDocumentPage ssr=SsrMode::Async/>
                <Route path=path!("/form-links/:token") view=FormLinkPage ssr=SsrMode::Async/>
                <Route path=path!("/forms/:id") view=ResponsePage ssr=SsrMode::Async/>
                <Route path=path!("/forms/:id/amend") view=AmendFormPage ssr=SsrMode::Async/>
                <Route path=path!("/requests") view=RequestedPage ssr=SsrMode::Async/>
                <Route path=path!("/requests/new") view=NewRequestPage ssr=SsrMode::Async/>
                <Route path=path!("/requests/:id") view=RequestPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/links/new") view=AddLinkPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/links/new/:other") view=SetUpLinkPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/links/:other") view=EditLinkPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/links/:other/remove") view=RemoveLinkPage ssr=SsrMode::Async/>
                <Route path=path!("/activities") view=ActivitiesPage ssr=SsrMode::Async/>
                <Route path=path!("/activities/new") view=NewActivityPage ssr=SsrMode::Async/>
                <Route path=path!("/activities/:id") view=ActivityPage ssr=SsrMode::Async/>
                <Route path=path!("/staffing") view=StaffingPage ssr=SsrMode::Async/>
                <Route path=path!("/reports") view=ReportsPage ssr=SsrMode::Async/>
                <Route path=path!("/book") view=BookPage ssr=SsrMode::Async/>
                <Route path=path!("/book/confirm") view=ConfirmBookingPage ssr=SsrMode::Async/>
                <Route path=path!("/visit/:secret") view=VisitPage ssr=SsrMode::Async/>
                <Route path=path!("/book/waiting-list") view=JoinWaitlistPage ssr=SsrMode::Async/>
                <Route path=path!("/my") view=HomePage ssr=SsrMode::Async/>
                <Route path=path!("/my/details/edit") view=EditMyDetailsPage ssr=SsrMode::Async/>
                <Route path=path!("/my/details") view=MyDetailsPage ssr=SsrMode::Async/>
                <Route path=path!("/my/practitioners") view=MyPractitionersPage ssr=SsrMode::Async/>
                <Route path=path!("/my/history") view=HistoryPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/linked-clients") view=LinkSettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/invitations/:token") view=InvitedPage ssr=SsrMode::Async/>
                <Route path=path!("/clients/:number/safe-contact") view=SafeContactPage ssr=SsrMode::Async/>
                <Route path=path!("/my/people") view=MyPeoplePage ssr=SsrMode::Async/>
                <Route path=path!("/my/people/:id") view=DecidePage ssr=SsrMode::Async/>
                <Route path=path!("/my/appointments") view=MyAppointmentsPage ssr=SsrMode::Async/>
                <Route path=path!("/my/appointments/:id") view=MyAppointmentPage ssr=SsrMode::Async/>
                <Route path=path!("/my/appointments/:id/move") view=MoveMinePage ssr=SsrMode::Async/>
                <Route path=path!("/my/appointments/:id/cancel") view=CancelMinePage ssr=SsrMode::Async/>
                <Route path=path!("/my/forms/:id") view=FillFormPage ssr=SsrMode::Async/>
                <Route path=path!("/my/requests") view=MyRequestsPage ssr=SsrMode::Async/>
                <Route path=path!("/my/requests/:id") view=MyRequestPage ssr=SsrMode::Async/>
                <Route path=path!("/my/availability") view=MyAvailabilityPage ssr=SsrMode::Async/>
                <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/about") view=AboutPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/practice") view=PracticePage ssr=SsrMode::Async/>
                <Route path=path!("/settings/sections") view=SectionsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/locations") view=LocationsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/rooms") view=RoomsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/time-off") view=TimeOffPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/time-off/:id") view=AffectedPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/waiting-list") view=OfferSettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/fields") view=FieldsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/fields/:id") view=FieldPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/forms") view=FormsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/forms/:id") view=FormPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/forms/:id/preview") view=FormPreviewPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/forms/:id/items/:item") view=FormItemPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/requests") view=RequestRulesPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/providers") view=ProvidersPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/visits") view=VisitSettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/reminders") view=RemindersPage ssr=SsrMode::Async/>
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
                <Route path=path!("/settings/team/:id/handover") view=HandoverPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/first-run") view=FirstRunPage ssr=SsrMode::Async/>
                <Route path=path!("/not-me/:token") view=NotMePage ssr=SsrMode::Async/>
                <Route path=path!("/setup/:token") view=SetupPage ssr=SsrMode::Async/>
                <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async/>
                <Route path=path!("/login/code") view=SecondFactorPage ssr=SsrMode::Async/>
                <Route path=path!("/account/security") view=SecurityPage ssr=SsrMode::Async/>
                <Route path=path!("/account/authenticator") view=AuthenticatorPage ssr=SsrMode::Async/>
                <Route path=path!("/account/passkey") view=PasskeyPage ssr=SsrMode::Async/>
                <Route path=path!("/account/recovery-codes") view=RecoveryCodesPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/security") view=LoginSecurityPage ssr=SsrMode::Async/>
                <Route path=path!("/account/confirm") view=ConfirmPage ssr=SsrMode::Async/>
                <Route path=path!("/account/feeds") view=FeedsPage ssr=SsrMode::Async/>
                <Route path=path!("/calendar/calls") view=CallsPage ssr=SsrMode::Async/>
                <Route path=path!("/unsubscribe/:token") view=UnsubscribePage ssr=SsrMode::Async/>
                <Route path=path!("/settings/text-messages") view=SmsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/messages") view=TextsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/messages/:text/:channel/:language") view=TextPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/permissions") view=PermissionsPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/welcome") view=WelcomePage ssr=SsrMode::Async/>
                <Route path=path!("/settings/outbox") view=OutboxPage ssr=SsrMode::Async/>
                <Route path=path!("/settings/outbox/:id") view=OutboxMessagePage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
