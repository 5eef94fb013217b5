//! A browser without JavaScript, for tests of the whole site.

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use std::fmt::Debug;
use tower::{Service, ServiceExt};

/// A browser without JavaScript: keeps its cookie and follows nothing.
#[derive(Clone)]
pub struct Session<S> {
    site: S,
    /// Stands before each path: empty without a socket.
    base: String,
    /// `name=value`, or empty: no one is logged in.
    pub cookie: String,
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Where a redirect leads; empty if it is none.
    pub fn location(&self) -> &str {
        self.headers.get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default()
    }
}

impl<S, B> Session<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone,
    S::Error: Debug,
    B: HttpBody<Data = Bytes>,
    B::Error: Debug,
{
    /// No one is logged in. `site` is a router, or a client of HTTP with the
    /// `base` of all addresses.
    pub fn new(site: &S, base: &str) -> Self {
        Session { site: site.clone(), base: base.to_owned(), cookie: String::new() }
    }

    /// Someone with the demo's password.
    pub async fn log_in(site: &S, base: &str, username: &str) -> Self {
        let mut session = Self::new(site, base);
        let fields = [("form[username]", username), ("form[password]", demo::PASSWORD)];
        let answer = session.post("/fn/accounts/login", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{username} cannot log in: {}", answer.body);
        let cookie = answer.headers.get(SET_COOKIE).expect("a cookie").to_str().unwrap();
        session.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        session
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.try_get(path).await.unwrap()
    }

    /// As [`Session::get`]; `Err` when the connection was closed without an answer.
    pub async fn try_get(&self, path: &str) -> Result<Answer, String> {
        self.send(Method::GET, path, String::new()).await
    }

    /// Posts a form as a page of the site would.
    pub async fn post<K: AsRef<str>, V: AsRef<str>>(&self, path: &str, fields: &[(K, V)]) -> Answer {
        self.try_post(path, fields).await.unwrap()
    }

    /// As [`Session::post`]; `Err` when the site went away before it answered.
    pub async fn try_post<K: AsRef<str>, V: AsRef<str>>(
        &self,
        path: &str,
        fields: &[(K, V)],
    ) -> Result<Answer, String> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, path, body).await
    }

    async fn send(&self, method: Method, path: &str, body: String) -> Result<Answer, String> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(ACCEPT, "text/html")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(COOKIE, &self.cookie)
            .header("sec-fetch-site", "same-origin");
        let request = request.body(Body::from(body)).unwrap();
        let response = self.site.clone().oneshot(request).await.map_err(|error| format!("{error:?}"))?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| format!("{error:?}"))?.to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}
