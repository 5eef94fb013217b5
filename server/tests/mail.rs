//! From a queued message to the mail server, and what is left of it.

use db::PgPool;
use server::{health::Health, jobs, mail::Mailer};
use sqlx::{query, query_as};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

/// A mail server on this machine. `busy` mails are refused first.
async fn mail_server(mut busy: u32) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (told, mails) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let _ = talk(stream, &mut busy, &told).await;
        }
    });
    (url, mails)
}

async fn talk(stream: TcpStream, busy: &mut u32, told: &mpsc::UnboundedSender<String>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 test\r\n").await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let answer: &[u8] = match line.split_whitespace().next().unwrap_or_default() {
            "MAIL" if *busy > 0 => {
                *busy -= 1;
                b"451 busy\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
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

/// A client with a welcome e-mail on its way.
async fn invited(pool: &PgPool) {
    let (client, link) = (db::new_id(), db::new_id());
    for (sql, id) in [
        (
            "insert into client (id, kind, code, first_name, zone, email) values ($1, 'individual', 'MO', 'Mia', 'UTC', 'mia@example.com')",
            client,
        ),
        (
            "insert into account_link (id, kind, secret_hash, client_id, expires_at) select $1, 'claim', 'x', id, now() + interval '1 hour' from client",
            link,
        ),
        (
            "insert into message (id, kind, client_id, link_id, secret) select $1, 'welcome', client_id, id, 's3cret' from account_link",
            db::new_id(),
        ),
    ] {
        query(sql).bind(id).execute(pool).await.unwrap();
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
    let (url, mut mails) = mail_server(0).await;
    let mailer = Mailer::new(Some(&url), Some("Elm Clinic <mail@elm.test>")).unwrap();
    let mail = work_until(&pool, mailer.clone(), mails.recv()).await.unwrap();
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
    assert!(mails.try_recv().is_err(), "sent twice");
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_busy_mail_server_is_tried_again(pool: PgPool) {
    invited(&pool).await;
    let (url, mut mails) = mail_server(1).await;
    let mailer = Mailer::new(Some(&url), Some("mail@elm.test")).unwrap();
    let failed = async {
        while query_as::<_, (String,)>("select error from message_copy where error <> ''")
            .fetch_optional(&pool)
            .await
            .unwrap()
            .is_none()
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    work_until(&pool, mailer.clone(), failed).await;
    assert_eq!(copy(&pool).await.0, "queued");
    query("update message_copy set due_at = now()").execute(&pool).await.unwrap();
    work_until(&pool, mailer, mails.recv()).await.unwrap();
    assert_eq!(copy(&pool).await.0, "sent");
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
