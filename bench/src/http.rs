//! A browser without JavaScript, over connections that are kept.

use anyhow::{Context, ensure};
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, HeaderName, IF_NONE_MATCH, LOCATION, SET_COOKIE,
};
use http::request::Builder;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::io::Cursor;

/// What a browser accepts that follows a link or sends a form.
const PAGE: &str = "text/html";

#[derive(Clone)]
pub struct Session {
    http: Client<HttpConnector, Full<Cursor<Vec<u8>>>>,
    base: String,
    cookie: String,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn encoding(&self) -> &str {
        self.header(CONTENT_ENCODING)
    }

    /// Where a redirect leads; empty if it is none.
    pub fn location(&self) -> &str {
        self.header(LOCATION)
    }

    pub fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Session {
    /// No one is logged in.
    pub fn new(base: &str) -> Session {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = Client::builder(TokioExecutor::new()).build(connector);
        Session { http, base: base.to_owned(), cookie: String::new() }
    }

    /// Someone with the demo's password.
    pub async fn log_in(base: &str, username: &str) -> anyhow::Result<Session> {
        let mut session = Session::new(base);
        let fields = [("form[username]", username), ("form[password]", demo::PASSWORD)];
        let answer = session.post("/fn/accounts/login", &fields).await?;
        ensure!(answer.status == StatusCode::SEE_OTHER, "{username} cannot log in: {}", answer.status);
        let cookie = answer.header(SET_COOKIE).split(';').next().unwrap_or_default();
        session.cookie = cookie.to_owned();
        Ok(session)
    }

    /// `encoding`: which compression to ask for, such as `br`.
    pub async fn get(&self, path: &str, encoding: &str) -> anyhow::Result<Answer> {
        self.send(Method::GET, path, encoding, String::new()).await
    }

    /// As one asks who has it with this mark.
    pub async fn get_if(&self, path: &str, mark: &str) -> anyhow::Result<Answer> {
        let request = self.request("", PAGE, Method::GET, path, "identity").header(IF_NONE_MATCH, mark);
        self.answer(request.body(Full::default())?, path).await
    }

    /// What an island asks for: data, not a page.
    pub async fn data(&self, path: &str) -> anyhow::Result<Answer> {
        let answer = self.send_as("", "application/json", Method::GET, path, "identity", Vec::new()).await?;
        ensure!(answer.status == StatusCode::OK, "{path}: {}", answer.status);
        Ok(answer)
    }

    /// A page that must be there.
    pub async fn page(&self, path: &str) -> anyhow::Result<()> {
        let answer = self.get(path, "identity").await?;
        ensure!(answer.status == StatusCode::OK, "{path}: {}", answer.status);
        Ok(())
    }

    pub async fn post<V: AsRef<str>>(&self, path: &str, fields: &[(&str, V)]) -> anyhow::Result<Answer> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, path, "identity", body).await
    }

    /// Sends a form with a file, as a browser does.
    pub async fn upload(&self, path: &str, key: &str, file: &[u8]) -> anyhow::Result<Answer> {
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"request_key\"\r\n\r\n{key}\r\n--edge\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\nContent-Type: text/csv\r\n\r\n"
        );
        let body = [head.as_bytes(), file, b"\r\n--edge--\r\n"].concat();
        self.send_as("multipart/form-data; boundary=edge", PAGE, Method::POST, path, "identity", body).await
    }

    async fn send(&self, method: Method, path: &str, encoding: &str, body: String) -> anyhow::Result<Answer> {
        self.send_as("application/x-www-form-urlencoded", PAGE, method, path, encoding, body.into_bytes()).await
    }

    async fn send_as(
        &self,
        kind: &str,
        accept: &str,
        method: Method,
        path: &str,
        encoding: &str,
        body: Vec<u8>,
    ) -> anyhow::Result<Answer> {
        let request = self.request(kind, accept, method, path, encoding);
        self.answer(request.body(Full::new(Cursor::new(body)))?, path).await
    }

    fn request(&self, kind: &str, accept: &str, method: Method, path: &str, encoding: &str) -> Builder {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(ACCEPT, accept)
            .header(ACCEPT_ENCODING, encoding)
            .header(CONTENT_TYPE, kind)
            .header(COOKIE, &self.cookie)
            .header("sec-fetch-site", "same-origin")
    }

    async fn answer(&self, request: Request<Full<Cursor<Vec<u8>>>>, path: &str) -> anyhow::Result<Answer> {
        let response = self.http.request(request).await.with_context(|| format!("asking for {path}"))?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes().to_vec();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}
