//! The table: every server function and page, and what each of ten gets of
//! Mia's. A row's words in braces are filled in by `world.rs`.
//!
//! | Code | Answer |
//! |---|---|
//! | `Y` | done; of a page or a search: shown, and something of Mia's is in it |
//! | `y` | shown, and nothing of Mia's is in it |
//! | `H` | sent to where their work is |
//! | `L` | to log in first: 303 to the log-in page, or 401 |
//! | `N` | not found, 404 |
//! | `F` | not permitted, 403 |
//! | `G` | a link that opens nothing any more, 410 |

pub struct Function {
    pub method: &'static str,
    pub path: &'static str,
    /// The page whose form it is.
    pub page: &'static str,
    pub fields: &'static str,
    pub expected: &'static str,
}

const fn post(path: &'static str, page: &'static str, fields: &'static str, expected: &'static str) -> Function {
    Function { method: "POST", path, page, fields, expected }
}

const fn get(path: &'static str, fields: &'static str, expected: &'static str) -> Function {
    Function { method: "GET", path, page: "", fields, expected }
}

const RECORD: &str = "number={mia}&form[version]=1&form[first_name]=Mia&form[last_name]=Okafor&form[code]=MIA1\
    &form[zone]=America/Toronto&form[email]={mia_mail}&form[email_consent]=true&form[alert]=Nuts";
const RELATION: &str =
    "form[other_label]=guardian&form[own_label]=child&form[other_may][book]=true&form[version]=1&number={mia}";
const TERMS: &str = "/settings/vocabularies/fee_programme";
const TAGS: &str = "/settings/tags";
const FIELD: &str = "/settings/fields/{field}";
const LOCATIONS: &str = "/settings/locations";
const PROVIDERS: &str = "/settings/providers";
const NEW_PASSWORD: &str = "form[password]=a whole new one&form[again]=a whole new one&form[token]=";
const WEEK: &str = "form[days][0][starts]=09:00&form[days][0][ends]=12:00&form[days][1][starts]=&form[days][2][starts]=\
    &form[days][3][starts]=&form[days][4][starts]=&form[days][5][starts]=&form[days][6][starts]=&form[version]=1";
const ACTIVITY: &str = "id={activity}&form[activity_type]={deed}&form[date]={past}&form[hours]=1:30&form[version]=1\
    &form[clients][]={mia}&form[request_key]=00000000-0000-7000-8000-000000008002";
const TIME: &str = "form[service]={talk}&form[client]={mia_id}&form[request_key]=00000000-0000-7000-8000-000000007001";

/// Columns: nobody · client unlinked, linked without grant, linked with grant,
/// linked until a moment ago, Mia · practitioner not assigned, assigned,
/// staff, administrator.
pub fn functions() -> Vec<Function> {
    let with = |more: &str, fields: &str| -> &'static str { format!("{fields}{more}").leak() };
    vec![
        post("/fn/accounts/login", "/login", "form[username]=mia&form[password]={password}", "Y YYYYY YYYY"),
        post("/fn/accounts/logout", "/login", "", "Y YYYYY YYYY"),
        post("/fn/accounts/request_reset", "/reset", "form[username]={mia_mail}", "Y YYYYY YYYY"),
        post("/fn/accounts/reset", "/reset/{reset}", with("{reset}", NEW_PASSWORD), "Y YYYYY YYYY"),
        post("/fn/accounts/claim", "/claim/{claim}", with("{claim}", NEW_PASSWORD), "Y YYYYY YYYY"),
        post(
            "/fn/accounts/register",
            "/register",
            "form[first_name]=Nia&form[last_name]=New&form[email]=nia@kin.test",
            "Y YYYYY YYYY",
        ),
        post(
            "/fn/accounts/finish_registration",
            "/register/{register}",
            with("{register}&form[first_name]=Nia&form[zone]=America/Toronto", NEW_PASSWORD),
            "Y YYYYY YYYY",
        ),
        post("/fn/accounts/invite", "/clients/{mia}", "number={mia}", "L NNNNN NFYY"),
        post("/fn/accounts/send_reset", "/clients/{mia}", "number={mia}", "L NNNNN NFYY"),
        post("/fn/accounts/remove_login", "/clients/{mia}", "number={mia}", "L NNNNN NFYY"),
        post(
            "/fn/appointments/book",
            "/appointments/new?client={mia}&service={talk}",
            with("&form[slot]={free} {assigned_id}", TIME),
            "L NNNNN NYYY",
        ),
        post("/fn/appointments/cancel", "/appointments/{visit}", "appointment={visit}", "L NNNNN NYYY"),
        post("/fn/activities/save", "/activities/{activity}", ACTIVITY, "L NNNNN NYFY"),
        post("/fn/activities/keep", "/activities/{activity}", with("&step=new", ACTIVITY), "L NNNNN NYFY"),
        post("/fn/activities/delete", "/activities/{activity}", "activity={activity}", "L NNNNN NYFY"),
        post("/fn/activities/restore", "/activities", "activity={removed}", "L NNNNN NNNY"),
        post("/fn/clients/create", "/clients/new", "form[last_name]=New&form[zone]=America/Toronto", "L NNNNN YYYY"),
        post("/fn/clients/save", "/clients/{mia}/edit", RECORD, "L NNNNN NYYY"),
        post("/fn/clients/set_status", "/clients/{mia}", "change={mia}:inactive", "L NNNNN NFYY"),
        post("/fn/clients/set_colour", "/clients/{mia}", "number={mia}&colour=teal", "L NNNNN NYYY"),
        post(
            "/fn/prospects/save",
            "/clients/prospects",
            "number={prospect}&form[stage]=contacted&form[version]=1",
            "L NNNNN NYYY",
        ),
        post("/fn/availability/save", "/clients/{mia}/availability", with("&number={mia}", WEEK), "L NNNNN NYYY"),
        post("/fn/availability/save_mine", "/my/availability", WEEK, "L YYYYY NNNN"),
        post(
            "/fn/clients/likely",
            "/clients/new",
            "form[first_name]=Mia&form[last_name]=Okafor&form[email]={mia_mail}",
            "L NNNNN YYYY",
        ),
        get("/fn/clients/search", "q=Okafor", "L NNNNN yYYY"),
        get("/fn/clients/find", "q=Okafor", "L NNNNN yYYY"),
        get("/fn/accounts/current", "", "y yyyyy yyyy"),
        get("/fn/clients/results", "q=Okafor", "L NNNNN yYYY"),
        post("/fn/import/choose", "/clients/import/{checked}", "id={checked}&form[shown]=2", "L NNNNN FFYY"),
        post("/fn/import/discard", "/clients/import/{import}", "id={import}", "L NNNNN FFYY"),
        post("/fn/import/remap", "/clients/import/{checked}", "id={checked}", "L NNNNN FFYY"),
        post(
            "/fn/import/start",
            "/clients/import/{checked}",
            "id={checked}&form[without_bad]=true&form[sure]=1",
            "L NNNNN FFYY",
        ),
        post("/fn/import/stop", "/clients/import/{working}", "id={working}", "L NNNNN FFYY"),
        post("/fn/import/undo", "/clients/import/{imported}", "id={imported}", "L NNNNN FFYY"),
        post(
            "/fn/import/map",
            "/clients/import/{import}",
            "id={import}&form[columns][0]=first_name&form[columns][1]=last_name&form[version]=1",
            "L NNNNN FFYY",
        ),
        post("/fn/deletion/clear", "/clients/{mia}/delete", "number={mia}&what=upcoming", "L NNNNN NFYY"),
        post("/fn/deletion/delete", "/clients/{new}/delete", "number={new}", "L NNNNN NNYY"),
        post("/fn/deletion/erase", "/clients/{new}/delete", "number={new}&form[code]=NEW1", "L NNNNN NNFY"),
        post(
            "/fn/bulk/start",
            "/clients",
            "form[action]=add_tag&form[new_tag]=Bulk&form[numbers][]={mia}&form[request_key]={view}",
            "L NNNNN NYYY",
        ),
        post("/fn/bulk/confirm", "/bulk/{draft}", "bulk={draft}", "L NNNNN NNYF"),
        post("/fn/bulk/undo", "/bulk/{bulk}", "bulk={bulk}", "L NNNNN NNYY"),
        get("/fn/bulk/progress", "bulk={bulk}", "L NNNNN NNyy"),
        post("/fn/views/save", "/clients", "form[name]=Mine&query=status=active&mine=false", "L NNNNN YYYY"),
        post("/fn/views/change", "/clients", "form[name]=Other&view={view}&mine=false", "L NNNNN NNYN"),
        post("/fn/views/overwrite", "/clients", "query=q=ann&view={view}&mine=false", "L NNNNN NNYN"),
        post("/fn/views/default", "/clients", "view={view}&mine=false", "L NNNNN NNYN"),
        post("/fn/views/delete", "/clients", "view={view}&mine=false", "L NNNNN NNYN"),
        post("/fn/links/create", "/clients/{mia}/links/new/{new}", with("&other={new}", RELATION), "L NNNNN NFYY"),
        post("/fn/links/save", "/clients/{mia}/links/{granted}", with("&other={granted}", RELATION), "L NNNNN NFYY"),
        post(
            "/fn/links/remove",
            "/clients/{mia}/links/{granted}/remove",
            "number={mia}&other={granted}",
            "L NNNNN NFYY",
        ),
        post("/fn/memberships/create", "/clients/new?kind=family", "form[kind]=family", "L NNNNN YYYY"),
        post(
            "/fn/memberships/save",
            "/clients/{family}/edit",
            "number={family}&form[kind]=group&form[code]=KIN1&form[version]=1",
            "L NNNNN NYYY",
        ),
        post(
            "/fn/memberships/add",
            "/clients/{family}/members/new",
            "number={family}&form[new_members][0][first_name]=New",
            "L NNNNN NYYY",
        ),
        post("/fn/memberships/end", "/clients/{family}", "membership={belongs}", "L NNNNN NYYY"),
        post("/fn/memberships/come_back", "/clients/{circle}", "membership={belonged}", "L NNNNN NYYY"),
        post(
            "/fn/memberships/correct",
            "/clients/{family}/members/{belongs}",
            "membership={belongs}&form[joined_on]=2026-01-04&form[left_on]=&form[seen]=2026-01-05/",
            "L NNNNN NYYY",
        ),
        post("/fn/memberships/remove", "/clients/{family}/members/{belongs}", "membership={belongs}", "L NNNNN NYYY"),
        post(
            "/fn/memberships/create_from",
            "/clients/groups/new?clients={mia}",
            "form[kind]=couple&form[clients][]={mia_id}",
            "L NNNNN NYYY",
        ),
        post(
            "/fn/memberships/add_many",
            "/clients/groups/new?clients={mia}",
            "form[group]={circle}&form[clients][]={mia_id}",
            "L NNNNN NYYY",
        ),
        post(
            "/fn/merge/merge",
            "/clients/{mia}",
            "keep={mia}&drop={new}&form[keep_version]=1&form[drop_version]=1",
            "L NNNNN NFYY",
        ),
        post("/fn/merge/not_duplicate", "/clients/{mia}", "one={mia}&other={new}", "L NNNNN NFYY"),
        post("/fn/merge/maybe_duplicate", "/clients/{mia}", "one={mia}&other={granted}", "L NNNNN NFYY"),
        post("/fn/merge/undo", "/clients/{mia}/merges", "number={mia}&id={merge}", "L NNNNN NFYY"),
        post(
            "/fn/portal/book",
            "/book?service={talk}",
            with("&form[starts_at]={free}&form[practitioner]={assigned_id}", TIME),
            "L NNYNY NNNN",
        ),
        post("/fn/portal/cancel", "/my/appointments/{visit}/cancel", "appointment={visit}", "L NNYNY NNNN"),
        post(
            "/fn/settings/save_service",
            "/settings/services/{talk}",
            "id={talk}&form[name]=Talk&form[duration_minutes]=60&form[active]=true&form[version]=1",
            "L NNNNN FFFY",
        ),
        post(
            "/fn/settings/save_hours",
            "/settings/practitioners/{assigned_id}",
            with("&practitioner={assigned_id}", WEEK),
            "L NNNNN FYYY",
        ),
        post(
            "/fn/settings/save_may_book",
            "/settings/practitioners/{assigned_id}",
            "practitioner={assigned_id}&may_book=false",
            "L NNNNN FFFY",
        ),
        post(
            "/fn/settings/save_staff_notes",
            "/settings/team/{assigned_id}",
            "id={assigned_id}&form[notes]=Noted&form[version]=1",
            "L NNNNN FFYY",
        ),
        post(
            "/fn/settings/add_member",
            "/settings/team/new",
            "form[first_name]=Tia&form[last_name]=Team&form[email]=tia@elm.test&form[roles][]=front_desk&form[invite]=true",
            "L NNNNN FFFY",
        ),
        post(
            "/fn/settings/save_member",
            "/settings/team/{assigned_id}",
            "id={assigned_id}&form[first_name]=Asta&form[last_name]=Assigned&form[email]=asta@elm.test\
                &form[roles][]=practitioner&form[roles][]=front_desk&form[version]=1",
            "L NNNNN FFFY",
        ),
        post("/fn/settings/invite_member", "/settings/team", "id={invited_id}", "L NNNNN FFFY"),
        post("/fn/settings/send_member_reset", "/settings/team", "id={assigned_id}", "L NNNNN FFFY"),
        post("/fn/settings/set_member_active", "/settings/team", "id={invited_id}&active=false", "L NNNNN FFFY"),
        // There is an administrator: the link of before opens nothing.
        post("/fn/setup/create", "/setup/{setup}", "form[token]={setup}", "G GGGGG GGGG"),
        post(
            "/fn/setup/begin",
            "/settings/first-run",
            "form[kind]=clinic&form[name]=Oak&form[zone]=America/Toronto&form[currency]=CAD",
            "L NNNNN FFFY",
        ),
        post("/fn/setup/skip", "/settings/first-run", "", "L NNNNN FFFY"),
        post("/fn/setup/dismiss_checklist", "/calendar", "", "L NNNNN FFFY"),
        post(
            "/fn/account/save_details",
            "/account",
            "form[first_name]=New&form[last_name]=Name&form[email]=new@elm.test&form[current]={password}&form[version]=1",
            "L NNNNN YYYY",
        ),
        post(
            "/fn/account/change_password",
            "/account",
            "form[current]={password}&form[password]=a whole new one&form[again]=a whole new one",
            "L NNNNN YYYY",
        ),
        post("/fn/account/save_preferences", "/account", "form[theme]=dark", "L NNNNN YYYY"),
        post("/fn/account/log_out_everywhere", "/account", "", "L NNNNN YYYY"),
        post(
            "/fn/settings/save_welcome",
            "/settings/welcome",
            "form[subject]=Hello&form[body]=Go to {link}&form[version]=1",
            "L NNNNN FFFY",
        ),
        post(
            "/fn/settings/save_term",
            TERMS,
            "vocabulary=fee_programme&id={term}&form[label]=Plan&form[version]=1",
            "L NNNNN FFFY",
        ),
        post("/fn/settings/place_term", TERMS, "id={term}&after={other_term}&went=down", "L NNNNN FFFY"),
        post("/fn/settings/set_term_active", TERMS, "id={term}&active=false", "L NNNNN FFFY"),
        post(
            "/fn/settings/save_practice",
            "/settings/practice",
            "form[name]=Oak&form[zone]=America/Toronto&form[currency]=CAD&form[word]=client&form[portal_bookings_max]=10&form[version]=1",
            "L NNNNN FFFY",
        ),
        post("/fn/settings/set_code_only", "/settings/practice", "form[on]=true&form[remove]=true", "L NNNNN FFFY"),
        post(
            "/fn/settings/save_location",
            LOCATIONS,
            "id={annex}&form[name]=Zoo&form[zone]=America/Vancouver&form[version]=1",
            "L NNNNN FFFY",
        ),
        post("/fn/settings/set_location_active", LOCATIONS, "id={annex}&active=false", "L NNNNN FFFY"),
        post("/fn/settings/set_main_location", LOCATIONS, "id={annex}", "L NNNNN FFFY"),
        post(
            "/fn/settings/save_provider",
            PROVIDERS,
            "id={provider}&form[name]=Dr. Why&form[version]=1",
            "L NNNNN FFFY",
        ),
        post("/fn/settings/set_provider_active", PROVIDERS, "id={provider}&active=false", "L NNNNN FFFY"),
        post(
            "/fn/settings/save_field",
            FIELD,
            "id={field}&form[label]=Year&form[kind]=choice&form[version]=1",
            "L NNNNN FFFY",
        ),
        post("/fn/settings/place_field", FIELD, "id={field}&after={other_field}&went=down", "L NNNNN FFFY"),
        post("/fn/settings/set_field_active", FIELD, "id={field}&active=false", "L NNNNN FFFY"),
        post("/fn/settings/rename_choice", FIELD, "id={choice}&form[choice]=Elder&form[was]=Junior", "L NNNNN FFFY"),
        post("/fn/settings/place_choice", FIELD, "id={choice}&after={other_choice}&went=down", "L NNNNN FFFY"),
        post("/fn/settings/set_choice_active", FIELD, "id={choice}&active=false", "L NNNNN FFFY"),
        post("/fn/settings/save_tag", TAGS, "id={tag}&form[name]=Urgent&form[was]=Waiting", "L NNNNN FFFY"),
        post("/fn/settings/merge_tag", TAGS, "id={tag}&form[into]={other_tag}", "L NNNNN FFFY"),
        post("/fn/settings/remove_tag", TAGS, "id={tag}", "L NNNNN FFFY"),
        post("/fn/settings/restore_tag", TAGS, "id={removed_tag}", "L NNNNN FFFY"),
    ]
}

/// A route as the app knows it, the address it is visited at, and the answers
/// in the columns of [`functions`].
pub const PAGES: &[(&str, &str, &str)] = &[
    ("/login", "/login", "y HHHHH HHHH"),
    ("/reset", "/reset", "y yyyyy yyyy"),
    ("/reset/:token", "/reset/{reset}", "Y YYYYY YYYY"),
    ("/claim/:token", "/claim/{claim}", "Y YYYYY YYYY"),
    ("/register", "/register", "y yyyyy yyyy"),
    ("/register/:token", "/register/{register}", "y yyyyy yyyy"),
    ("/calendar", "/calendar?date={day}", "L NNNNN yYYY"),
    ("/appointments/new", "/appointments/new?client={mia}&service={talk}&from={day}", "L NNNNN NYYY"),
    ("/appointments/:id", "/appointments/{visit}", "L NNNNN NYYY"),
    ("/clients", "/clients", "L NNNNN yYYY"),
    ("/clients/mine", "/clients/mine", "L NNNNN yYyy"),
    ("/bulk/:id", "/bulk/{bulk}", "L NNNNN NNYY"),
    ("/clients/prospects", "/clients/prospects", "L NNNNN yyyy"),
    ("/clients/duplicates", "/clients/duplicates", "L NNNNN FFyy"),
    ("/clients/merge", "/clients/merge?keep={mia}&drop={new}", "L NNNNN NFYY"),
    ("/clients/:number/merges", "/clients/{mia}/merges", "L NNNNN NFYY"),
    ("/clients/new", "/clients/new", "L NNNNN yyyy"),
    ("/clients/code-sheet", "/clients/code-sheet", "L NNNNN yyyy"),
    ("/clients/import", "/clients/import", "L NNNNN FFyy"),
    ("/clients/import/:id", "/clients/import/{import}", "L NNNNN FFyy"),
    ("/clients/groups/new", "/clients/groups/new?clients={mia}", "L NNNNN yYYY"),
    ("/clients/:number/members/new", "/clients/{family}/members/new", "L NNNNN NYYY"),
    ("/clients/:number/members/:membership", "/clients/{family}/members/{belongs}", "L NNNNN NYYY"),
    ("/clients/:number", "/clients/{mia}", "L NNNNN NYYY"),
    ("/clients/:number/edit", "/clients/{mia}/edit", "L NNNNN NYYY"),
    ("/clients/:number/availability", "/clients/{mia}/availability", "L NNNNN NYYY"),
    ("/clients/:number/delete", "/clients/{mia}/delete", "L NNNNN NFYY"),
    ("/clients/:number/links/new", "/clients/{mia}/links/new?q=Noor", "L NNNNN NFYY"),
    ("/clients/:number/links/new/:other", "/clients/{mia}/links/new/{new}", "L NNNNN NFYY"),
    ("/clients/:number/links/:other", "/clients/{mia}/links/{granted}", "L NNNNN NFYY"),
    ("/clients/:number/links/:other/remove", "/clients/{mia}/links/{granted}/remove", "L NNNNN NFYY"),
    ("/activities", "/activities?whose=all", "L NNNNN yYYY"),
    ("/activities/new", "/activities/new?client={mia}", "L NNNNN NYYY"),
    ("/activities/:id", "/activities/{activity}", "L NNNNN NYYY"),
    ("/reports", "/reports", "L NNNNN yyyy"),
    ("/book", "/book?service={talk}&from={day}", "L yyYyY NNNN"),
    ("/book/confirm", "/book/confirm?service={talk}&with={assigned_id}&start={free}", "L yyYyY NNNN"),
    ("/my/appointments", "/my/appointments", "L yyYyY NNNN"),
    ("/my/availability", "/my/availability", "L yyyyy NNNN"),
    ("/my/details", "/my/details", "L yyyyY NNNN"),
    ("/my/appointments/:id/cancel", "/my/appointments/{visit}/cancel", "L NNYNY NNNN"),
    ("/settings", "/settings", "L NNNNN FFyy"),
    ("/settings/services", "/settings/services", "L NNNNN FFyy"),
    ("/settings/services/:id", "/settings/services/{talk}", "L NNNNN FFyy"),
    ("/settings/practitioners", "/settings/practitioners", "L NNNNN FFyy"),
    ("/settings/practitioners/:id", "/settings/practitioners/{assigned_id}", "L NNNNN Fyyy"),
    ("/settings/team", "/settings/team", "L NNNNN FFyy"),
    ("/settings/team/new", "/settings/team/new", "L NNNNN FFFy"),
    ("/settings/team/:id", "/settings/team/{assigned_id}", "L NNNNN FFyy"),
    ("/settings/first-run", "/settings/first-run", "L NNNNN FFFy"),
    ("/setup/:token", "/setup/{setup}", "G GGGGG GGGG"),
    ("/account", "/account", "L NNNNN yyyy"),
    ("/settings/welcome", "/settings/welcome", "L NNNNN FFFy"),
    ("/settings/vocabularies", "/settings/vocabularies", "L NNNNN FFyy"),
    ("/settings/vocabularies/:vocabulary", "/settings/vocabularies/fee_programme?edit={term}", "L NNNNN FFyy"),
    ("/settings/tags", "/settings/tags?edit={tag}", "L NNNNN FFyy"),
    ("/settings/practice", "/settings/practice", "L NNNNN FFyy"),
    ("/settings/locations", "/settings/locations?edit={annex}", "L NNNNN FFyy"),
    ("/settings/fields", "/settings/fields", "L NNNNN FFyy"),
    ("/settings/fields/:id", "/settings/fields/{field}?choice={choice}", "L NNNNN FFyy"),
    ("/settings/providers", "/settings/providers?edit={provider}", "L NNNNN FFyy"),
    ("/settings/outbox", "/settings/outbox", "L NNNNN FFFY"),
    ("/settings/outbox", "/settings/outbox?client={mia}", "L NNNNN FFFY"),
    ("/settings/outbox/:id", "/settings/outbox/{copy}", "L NNNNN FFFY"),
];

/// What the server answers beside the app's own routes.
pub const SERVER: &[(&str, &str)] = &[
    ("/", "L HHHHH HHHH"),
    ("/reports.csv", "L NNNNN yyyy"),
    ("/reports.csv?whose={assigned_id}", "L NNNNN Fyyy"),
    ("/reports?whose={assigned_id}", "L NNNNN Fyyy"),
    ("/activities?client={mia}", "L NNNNN NYYY"),
    ("/activities/new?appointment={past_visit}", "L NNNNN NYFY"),
    ("/healthz", "y yyyyy yyyy"),
    ("/readyz", "y yyyyy yyyy"),
    ("/clients/code-sheet.csv", "L NNNNN yyyy"),
    ("/clients/export.csv", "L NNNNN yYYY"),
    ("/clients/export.csv?mine=1&columns=email", "L NNNNN yYyy"),
    ("/clients/export.csv?columns=all", "L NNNNN yYYY"),
    ("/clients/export.csv?columns=first_name,notes", "L NNNNN yyyy"),
    ("/clients/export.xlsx", "L NNNNN yyyy"),
    ("/clients/new?import={checked}&line=3", "L NNNNN FFyy"),
    ("/clients/import/{checked}/rows.csv?rows=bad", "L NNNNN FFyy"),
    ("/clients/import/{checked}/rows.csv?rows=duplicate", "L NNNNN FFyy"),
    ("/clients/import/{checked}/rows.csv?rows=here", "L NNNNN FFyy"),
    ("/clients/{mia}/nothing", "N NNNNN NNNN"),
    ("/fn/clients/nothing", "N NNNNN NNNN"),
    ("/pkg/nothing.js", "N NNNNN NNNN"),
    ("/pkg/../../Cargo.toml", "N NNNNN NNNN"),
];

/// What is posted to the server itself, and the answers. `Y`: a file with Mia
/// in it, or on to a page with her number; `y`: without her; `M`: the body is
/// no such form.
pub const POSTS: &[(&str, &str, &str)] = &[
    ("/clients/gather", "form[numbers][]={mia}", "L NNNNN yYYY"),
    ("/clients/export.csv", "form[numbers][]={mia}&columns=name,email", "L NNNNN yYYY"),
    ("/clients/export.xlsx", "form[numbers][]={mia}&columns=name,email", "L NNNNN yyyy"),
    ("/fn/import/upload", "request_key={import}", "L NNNNN FFMM"),
];
