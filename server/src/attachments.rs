//! Files of the store: the forms that send them, which are not URL-encoded and so answered here, and
//! downloads. A form that is refused comes back with what was typed, as others do.

use crate::AppState;
use crate::forms::{again, redirect};
use crate::unreadable::refuse_fields;
use app::context::{AppContext, CurrentActor, local_path, url_encode};
use app::error::AppError;
use app::{documents, requests};
use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, post};
use db::Actor;
use futures_util::StreamExt;
use shared::documents::DocumentForm;
use shared::files::{FILE_MAX, FILE_MEGABYTES, FILES_MAX, Upload};
use shared::{FieldErrors, Problem, Refusal};

/// What the fields beside the files hold, in bytes.
const WORDS_MAX: usize = 256 * 1024;

/// What a form with files is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A document that is a file.
    Attach,
    /// Another file, or another title, for such a document.
    Replace,
    /// What a client was asked for.
    Send,
}

impl Deed {
    const fn files(self) -> usize {
        match self {
            Deed::Attach | Deed::Replace => 1,
            Deed::Send => FILES_MAX,
        }
    }

    /// Nothing is read of what is not permitted.
    fn may(self, actor: &Actor) -> db::Result<()> {
        match self {
            Deed::Attach | Deed::Replace => actor.staff().map(drop),
            Deed::Send => actor.client().map(drop),
        }
    }
}

pub fn route(deed: Deed) -> MethodRouter<AppState> {
    let handler =
        move |State(state): State<AppState>, request: Request| async move { take(&state, deed, request).await };
    // One file more is read than may be sent: then it can be said that there are too many.
    post(handler).layer(DefaultBodyLimit::max((deed.files() + 1) * FILE_MAX + WORDS_MAX))
}

/// What a form sent.
#[derive(Debug, Default)]
struct Received {
    values: Vec<(String, String)>,
    files: Vec<Upload>,
    errors: FieldErrors,
}

impl Received {
    fn value(&self, name: &str) -> String {
        self.values.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// What it names; what no form of ours says names nothing.
    fn named<T: std::str::FromStr>(&self, name: &str) -> Result<T, AppError> {
        self.value(name).parse().map_err(|_| match self.errors.is_empty() {
            true => Refusal::NotFound.into(),
            // It was cut off before that came.
            false => Refusal::Invalid(self.errors.clone()).into(),
        })
    }

    fn document(&self) -> DocumentForm {
        DocumentForm {
            title: self.value("form[title]"),
            body: String::new(),
            version: self.value("form[version]"),
            request_key: self.value("form[request_key]"),
        }
    }
}

async fn take(state: &AppState, deed: Deed, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(actor) = parts.extensions.get::<CurrentActor>().and_then(|current| current.0.clone()) else {
        return Redirect::to("/login").into_response();
    };
    if let Err(error) = deed.may(&actor) {
        let error = AppError::from(error);
        return (error.status(), error.to_string()).into_response();
    }
    let received = match receive(state, Request::from_parts(parts.clone(), body)).await {
        Ok(received) => received,
        Err(error) => return (error.status(), error.to_string()).into_response(),
    };
    let page = local_path(&received.value("_page"));
    match act(state, deed, &actor, &received).await {
        Ok(to) => redirect(state, &to),
        Err(error) => match page {
            Some(page) => again(state, parts, &page, received.values, error).await,
            None => (error.status(), error.to_string()).into_response(),
        },
    }
}

/// Where to go on.
async fn act(state: &AppState, deed: Deed, actor: &Actor, received: &Received) -> Result<String, AppError> {
    let pool = &state.app.pool;
    let file = received.files.first();
    // That something is not theirs is said before what is wrong with the file.
    let sound = || match received.errors.is_empty() {
        true => refuse_fields(&received.values).map_or(Ok(()), |refusal| Err(AppError::from(refusal))),
        false => Err(AppError::from(Refusal::Invalid(received.errors.clone()))),
    };
    Ok(match deed {
        Deed::Attach => {
            let number = received.named("number")?;
            db::authz::editable(&mut *state.app.pool.acquire().await.map_err(db::Error::from)?, actor, number).await?;
            sound()?;
            let id = db::documents::attach(pool, actor, number, &received.document(), file).await?;
            format!("/documents/{id}?done=document-written")
        }
        Deed::Replace => {
            let id = received.named("id")?;
            db::documents::one(pool, actor, id).await?;
            sound()?;
            match file {
                Some(file) => db::documents::replace(pool, actor, id, &received.document(), file).await?,
                None => db::documents::revise(pool, actor, id, &received.document()).await?,
            }
            format!("/documents/{id}?done=document-revised")
        }
        Deed::Send => {
            let id = received.named("id")?;
            match db::requests::open(pool, actor.client()?, id).await.map_err(AppError::from) {
                Err(error @ AppError::Refused(Refusal::NotFound | Refusal::Forbidden)) => return Err(error),
                _ => sound()?,
            }
            db::requests::send_files(pool, actor, id, &received.files).await?;
            "/my/requests?done=files-sent".to_owned()
        }
    })
}

fn broken(error: &MultipartError) -> AppError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::field("file", too_large()).into(),
        _ => AppError::Malformed,
    }
}

fn too_large() -> Problem {
    Problem::FileTooLarge { megabytes: FILE_MEGABYTES }
}

/// The parser takes all that is there before it looks at it: of a body that is longer than any form may be, also
/// the words before the file would be lost. With a pause before each piece but the first it looks at one after the
/// other.
fn by_pieces(request: Request) -> Request {
    request.map(|body| {
        let pieces = body.into_data_stream().enumerate();
        Body::from_stream(pieces.then(|(number, piece)| async move {
            if number > 0 {
                tokio::task::yield_now().await;
            }
            piece
        }))
    })
}

/// Reads the whole form: the page that comes back says all that is wrong.
async fn receive(state: &AppState, request: Request) -> Result<Received, AppError> {
    let mut form = Multipart::from_request(by_pieces(request), state).await.map_err(|_| AppError::Malformed)?;
    let (mut received, mut words, mut files) = (Received::default(), 0, 0);
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Ok(received),
            Err(error) => return cut_off(received, &error),
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name != "file" {
            let text = field.text().await.map_err(|error| broken(&error))?;
            words += name.len() + text.len();
            if words > WORDS_MAX {
                return Err(AppError::Malformed);
            }
            received.values.push((name, text));
            continue;
        }
        match read(field).await {
            // No file was chosen.
            Ok(Some(bytes)) if bytes.is_empty() => {}
            Ok(bytes) => {
                files += 1;
                let upload = match bytes {
                    _ if files > FILES_MAX => Err(Problem::TooManyFiles { max: FILES_MAX }),
                    Some(bytes) => Upload::new(bytes),
                    None => Err(too_large()),
                };
                match upload {
                    Ok(upload) => received.files.push(upload),
                    Err(problem) => received.errors.push("file", problem),
                }
            }
            Err(error) => return cut_off(received, &error),
        }
    }
}

/// The body is longer than any form may be. What came before is known, the page among it.
fn cut_off(mut received: Received, error: &MultipartError) -> Result<Received, AppError> {
    match broken(error) {
        AppError::Refused(_) => {
            received.errors.push("file", too_large());
            Ok(received)
        }
        other => Err(other),
    }
}

/// The file's bytes; `None`: it is too large, and the rest of it is passed over.
async fn read(mut field: Field<'_>) -> Result<Option<Vec<u8>>, MultipartError> {
    let (mut bytes, mut fits) = (Vec::new(), true);
    while let Some(piece) = field.chunk().await? {
        fits &= bytes.len() + piece.len() <= FILE_MAX;
        if fits {
            bytes.extend_from_slice(&piece);
        }
    }
    Ok(fits.then_some(bytes))
}

/// A file, always to be kept rather than shown: no browser runs anything of it in our name.
pub async fn download(State(app): State<AppContext>, Path(id): Path<String>, request: Request) -> Response {
    let actor = request.extensions().get::<CurrentActor>().and_then(|current| current.0.as_ref());
    let Some(actor) = actor else {
        return Redirect::to(&format!("/login?next={}", url_encode(request.uri().path()))).into_response();
    };
    let Ok(id) = id.parse() else { return StatusCode::NOT_FOUND.into_response() };
    match db::files::read(&app.pool, actor, id).await {
        Ok(file) => {
            let headers = [
                (CONTENT_TYPE, file.kind.mime().to_owned()),
                (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
                (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'".to_owned()),
                (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
                (CACHE_CONTROL, "private, no-store".to_owned()),
                (HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
            ];
            (headers, file.bytes).into_response()
        }
        Err(error) => crate::files::refused(error.into(), request.uri().path()),
    }
}

/// Where each form is posted.
pub const ROUTES: [(&str, Deed); 3] =
    [(documents::ATTACH, Deed::Attach), (documents::REPLACE, Deed::Replace), (requests::SEND_FILES, Deed::Send)];
