//! From a queued message to the mail server, and what is left of it.

use db::PgPool;
use server::{health::Health, jobs, mail::Mailer};
use sqlx::{query, query_as};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

/// How a mail server on this machine behaves.
#[derive(Clone, Copy, Default)]
struct Behavior {
    /// Whether it takes letters beyond ASCII in addresses.
    smtp_utf8: bool,
    /// So many mails are refused for now, first of all.
    busy: u32,
}

struct Server {
    url: String,
    /// Mails as they came, their envelope's recipient on the first line.
    mails: mpsc::UnboundedReceiver<String>,
    /// Every RCPT command.
    asked: Arc<Mutex<Vec<String>>>,
}

/// Several conversations at a time. An address that begins with `slow` gets no
/// answer, one with `gone` a permanent refusal.
async fn mail_server(behavior: Behavior) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (told, mails) = mpsc::unbounded_channel();
    let (busy, asked) = (Arc::new(Mutex::new(behavior.busy)), Arc::default());
    let server = Server { url, mails, asked: Arc::clone(&asked) };
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (told, busy, asked) = (told.clone(), Arc::clone(&busy), Arc::clone(&asked));
            tokio::spawn(async move {
                let _ = talk(stream, behavior, &busy, &asked, &told).await;
            });
        }
    });
    server
}

async fn talk(
    stream: TcpStream,
    behavior: Behavior,
    busy: &Mutex<u32>,
    asked: &Mutex<Vec<String>>,
    told: &mpsc::UnboundedSender<String>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 test\r\n").await?;
    let (mut line, mut to) = (String::new(), String::new());
    while stream.read_line(&mut line).await? > 0 {
        let is_busy = || {
            let mut left = busy.lock().unwrap();
            let is_busy = *left > 0;
            *left = left.saturating_sub(1);
            is_busy
        };
        let answer: &[u8] = match line.split_whitespace().next().unwrap_or_default() {
            "EHLO" if behavior.smtp_utf8 => b"250-test\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n",
            "MAIL" if is_busy() => b"451 busy\r\n",
            "RCPT" => {
                asked.lock().unwrap().push(line.trim().to_owned());
                to = line.trim().to_owned();
                if line.contains("<slow") {
                    std::future::pending::<()>().await;
                }
                if line.contains("<gone") { b"550 no such mailbox here\r\n" } else { b"250 ok\r\n" }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut mail = format!("{to}\r\n");
                while !mail.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut mail).await?;
                }
                told.send(mail).unwrap();
                b"250 ok\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).await?;
        line.clear();
    }
    Ok(())
}

fn mailer(server: &Server, from: &str) -> Option<Mailer> {
    Mailer::new(Some(&server.url), Some(from)).unwrap()
}

/// A client with a welcome e-mail on its way.
async fn invited(pool: &PgPool) {
    invite(pool, "MO", "mia@example.com").await;
}

async fn invite(pool: &PgPool, code: &str, address: &str) {
    let (client, link) = (db::new_id(), db::new_id());
    for (sql, id) in [
        (
            "insert into client (id, kind, code, first_name, zone, email) values ($1, 'individual', $2, 'Mia', 'UTC', $3)",
            client,
        ),
        (
            "insert into account_link (id, kind, secret_hash, client_id, expires_at) select $1, 'claim', convert_to($2, 'UTF8'), id, now() + interval '1 hour' from client where email = $3",
            link,
        ),
        (
            "insert into message (id, kind, client_id, link_id, secret) select $1, 'welcome', l.client_id, l.id, 's3cret'
               from account_link l join client c on c.id = l.client_id where c.code = $2 and c.email = $3",
            db::new_id(),
        ),
    ] {
        query(sql).bind(id).bind(code).bind(address).execute(pool).await.unwrap();
    }
}

async fn copy(pool: &PgPool) -> (String, String) {
    query_as("select state, body from message_copy").fetch_one(pool).await.unwrap()
}

/// The jobs of one server until `done` has happened.
async fn work_until<T>(pool: &PgPool, mailer: Option<Mailer>, done: impl Future<Output = T>) -> T {
    let (stop, stopped) = watch::channel(false);
    let jobs = jobs::start(pool, "https://k.test", mailer, Health::default(), stopped);
    let result = tokio::time::timeout(Duration::from_secs(20), done).await.unwrap();
    stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(5), jobs.ended()).await.unwrap();
    result
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_mail_leaves_once_and_its_link_is_forgotten(pool: PgPool) {
    invited(&pool).await;
    let mut server = mail_server(Behavior::default()).await;
    let mailer = mailer(&server, "Elm Clinic <mail@elm.test>");
    let mail = work_until(&pool, mailer.clone(), server.mails.recv()).await.unwrap();
    let (state, body) = copy(&pool).await;
    let id: uuid::Uuid = sqlx::query_scalar("select id from message_copy").fetch_one(&pool).await.unwrap();
    for header in [
        format!("Message-ID: <{id}@elm.test>\r\n"),
        "To: mia@example.com\r\n".to_owned(),
        "Subject: Welcome to My practice\r\n".to_owned(),
        "Auto-Submitted: auto-generated\r\n".to_owned(),
    ] {
        assert!(mail.contains(&header), "{header} in {mail}");
    }
    assert!(mail.contains("text/plain") && mail.contains("text/html"));
    assert!(mail.replace("=\r\n", "").contains("https://k.test/claim/s3cret"), "{mail}");
    assert_eq!(state, "sent");
    assert!(body.contains("(link removed after sending)") && !body.contains("s3cret"));
    work_until(&pool, mailer, tokio::time::sleep(Duration::from_millis(300))).await;
    assert!(server.mails.try_recv().is_err(), "sent twice");
}

/// What became of the mail to an address, once it is not simply waiting.
async fn outcome(pool: &PgPool, address: &str) -> (String, String, i32) {
    loop {
        let row = query_as::<_, (String, String, i32)>(
            "select state, error, attempts from message_copy where address = $1 and (state <> 'queued' or error <> '')",
        )
        .bind(address)
        .fetch_optional(pool)
        .await
        .unwrap();
        if let Some(row) = row {
            return row;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// 451, and a moment later it is accepted, under the same Message-ID.
#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_busy_mail_server_is_tried_again_within_seconds(pool: PgPool) {
    invited(&pool).await;
    let mut server = mail_server(Behavior { busy: 1, ..Behavior::default() }).await;
    let mailer = mailer(&server, "mail@elm.test");
    let failed = work_until(&pool, mailer.clone(), outcome(&pool, "mia@example.com")).await;
    assert_eq!((failed.0.as_str(), failed.2), ("queued", 1), "{failed:?}");
    assert!(failed.1.contains("busy"), "{failed:?}");
    let began = Instant::now();
    work_until(&pool, mailer, server.mails.recv()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(copy(&pool).await.0, "sent");
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_permanent_refusal_fails_at_the_first_try_and_says_why(pool: PgPool) {
    invite(&pool, "GO", "gone@example.com").await;
    let server = mail_server(Behavior::default()).await;
    let (state, error, attempts) =
        work_until(&pool, mailer(&server, "mail@elm.test"), outcome(&pool, "gone@example.com")).await;
    assert_eq!((state.as_str(), attempts), ("failed", 1));
    assert!(error.contains("550") && error.contains("no such mailbox here"), "{error}");
}

/// A server that never answers for one address holds up nobody else.
#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_slow_mail_server_holds_up_its_own_mail_alone(pool: PgPool) {
    for (code, address) in
        [("A", "slow.a@example.com"), ("B", "slow.b@example.com"), ("C", "ana@example.com"), ("D", "ben@example.com")]
    {
        invite(&pool, code, address).await;
    }
    let mut server = mail_server(Behavior::default()).await;
    let mailer = mailer(&server, "mail@elm.test").map(|mailer| mailer.limited(Duration::from_secs(3)));
    let began = Instant::now();
    let all = async {
        for _ in 0..2 {
            server.mails.recv().await.unwrap();
        }
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        outcome(&pool, "slow.a@example.com").await
    };
    let (state, error, _) = work_until(&pool, mailer, all).await;
    assert_eq!((state.as_str(), error.as_str()), ("queued", "The mail server took too long."));
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn an_international_domain_is_reached_by_punycode(pool: PgPool) {
    invite(&pool, "MO", "mail@bücher.example").await;
    let mut server = mail_server(Behavior::default()).await;
    let mailer = mailer(&server, "Elm <mail@ülm.test>");
    let mail = work_until(&pool, mailer, server.mails.recv()).await.unwrap();
    assert!(mail.starts_with("RCPT TO:<mail@xn--bcher-kva.example>"), "{mail}");
    assert!(mail.contains("@xn--lm-wka.test>\r\n") && mail.is_ascii(), "{mail}");
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn letters_before_the_at_go_where_the_server_takes_them_and_fail_clearly_elsewhere(pool: PgPool) {
    invite(&pool, "ZO", "zoë@example.com").await;
    invite(&pool, "MO", "mia@example.com").await;
    let mut server = mail_server(Behavior::default()).await;
    let sender = mailer(&server, "mail@elm.test");
    let both = async { (outcome(&pool, "zoë@example.com").await, server.mails.recv().await.unwrap()) };
    let ((state, error, attempts), other) = work_until(&pool, sender, both).await;
    assert_eq!((state.as_str(), attempts), ("failed", 1));
    assert!(error.contains("before the @") && other.contains("mia@example.com"), "{error}");
    assert!(server.asked.lock().unwrap().iter().all(|line| !line.contains("zo")));

    query("update message_copy set state = 'queued', due_at = now() where state = 'failed'")
        .execute(&pool)
        .await
        .unwrap();
    let mut server = mail_server(Behavior { smtp_utf8: true, ..Behavior::default() }).await;
    let sender = mailer(&server, "mail@elm.test");
    let mail = work_until(&pool, sender, server.mails.recv()).await.unwrap();
    assert!(mail.starts_with("RCPT TO:<zoë@example.com>"), "{mail}");
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn without_smtp_mail_is_kept(pool: PgPool) {
    invited(&pool).await;
    let kept = async {
        while query_as::<_, (String,)>("select state from message_copy where state = 'kept'")
            .fetch_optional(&pool)
            .await
            .unwrap()
            .is_none()
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    work_until(&pool, None, kept).await;
    assert!(copy(&pool).await.1.contains("https://k.test/claim/s3cret"));
}
