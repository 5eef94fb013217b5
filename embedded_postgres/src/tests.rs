use super::*;
use sqlx::PgPool;

#[test]
fn the_address_escapes_the_folder() {
    assert_eq!(url(Path::new("/a b/ü&c")), "postgres:///kindred?host=/a%20b/%C3%BC%26c&user=kindred");
}

#[test]
fn a_long_folder_has_no_room_for_a_socket() {
    assert!(fits_socket(Path::new(&format!("/{}", "x".repeat(92)))));
    assert!(!fits_socket(Path::new(&format!("/{}", "x".repeat(93)))));
}

fn process(cluster: &Path) -> i32 {
    let text = fs::read_to_string(cluster.join("postmaster.pid")).expect("it runs");
    text.lines().next().and_then(|line| line.trim().parse().ok()).expect("a number")
}

fn kill(pid: i32) {
    // SAFETY: kill takes two numbers; the process is a child of ours.
    unsafe { libc::kill(pid, libc::SIGKILL) };
}

#[tokio::test]
async fn one_that_was_killed_is_started_again_at_the_same_address() {
    let folder = std::env::temp_dir().join(format!("kindred-killed-{}", std::process::id()));
    let postgres = EmbeddedPostgres::start(&folder).await.expect("the start");
    let (ended, told) = std::sync::mpsc::channel();
    let lost = postgres.supervise(move || {
        let _ = ended.send(());
    });
    let cluster = folder.join("postgres").canonicalize().expect("the cluster");
    let first = process(&cluster);
    kill(first);
    told.recv_timeout(Duration::from_secs(2)).expect("its end is noticed at once");
    let began = Instant::now();
    let pool = loop {
        match PgPool::connect(&postgres.url()).await {
            Ok(pool) => break pool,
            Err(error) => assert!(began.elapsed() < Duration::from_secs(30), "it is not back: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_ne!(process(&cluster), first);
    pool.close().await;

    // The second time it cannot be started any more.
    fs::remove_file(cluster.join("PG_VERSION")).expect("a file of the cluster");
    kill(process(&cluster));
    let error = tokio::time::timeout(Duration::from_secs(60), lost).await.expect("it gives up").expect("a word");
    assert!(error.to_string().contains("Postgres did not start"), "{error:#}");
    drop(postgres);
    fs::remove_dir_all(&folder).expect("ours to remove");
}

#[tokio::test]
async fn nothing_of_the_data_is_open_to_other_users() {
    let folder = std::env::temp_dir().join(format!("kindred-closed-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).expect("as an earlier version left it");
    let postgres = EmbeddedPostgres::start(&folder).await.expect("the start");
    let pool = PgPool::connect(&postgres.url()).await.expect("a connection");
    let typed = "ana@example.com";
    sqlx::raw_sql("create table known (username text unique)").execute(&pool).await.expect("a table");
    for _ in 0..2 {
        let _ = sqlx::query("insert into known values ($1)").bind(typed).execute(&pool).await;
    }
    pool.close().await;
    let home = folder.join("postgres").canonicalize().expect("the cluster");
    let home = home.parent().expect("its folder");
    for path in [folder.clone(), home.to_owned(), home.join("postgres.log"), folder.join("kindred.lock")] {
        let mode = fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o067, 0, "{}: {mode:o}", path.display());
    }
    let log = fs::read_to_string(home.join("postgres.log")).expect("the log");
    assert!(log.contains("duplicate key value"), "the failure is logged");
    assert!(!log.contains(typed), "what was typed is not: {log}");
    postgres.stop().await.expect("the stop");
    fs::remove_dir_all(&folder).expect("ours to remove");
}

#[tokio::test]
async fn the_cluster_of_a_running_server_is_found_and_no_other() {
    let folder = std::env::temp_dir().join(format!("kindred-beside-{}", std::process::id()));
    assert_eq!(EmbeddedPostgres::running(&folder), None);
    let server = EmbeddedPostgres::start(&folder).await.expect("a start");
    assert_eq!(EmbeddedPostgres::running(&folder), Some(server.url()));
    server.stop().await.expect("a stop");
    assert_eq!(EmbeddedPostgres::running(&folder), None);
    fs::remove_dir_all(&folder).expect("ours to remove");
}

#[tokio::test]
async fn it_starts_twice_and_survives_a_stale_pid_file() {
    let folder = std::env::temp_dir().join(format!("kindred-embedded-{}", std::process::id()));
    let first = EmbeddedPostgres::start(&folder).await.expect("the first start");
    assert!(EmbeddedPostgres::start(&folder).await.is_err(), "the folder is in use");
    first.stop().await.expect("the first stop");
    // The number of a process that lives and is no postmaster: ours.
    let cluster = folder.join("postgres").canonicalize().expect("the cluster");
    fs::write(cluster.join("postmaster.pid"), format!("{}\n", std::process::id())).expect("a stale file");
    drop(EmbeddedPostgres::start(&folder).await.expect("the second start"));
    assert!(!cluster.join("postmaster.pid").exists(), "dropping it stops it");
    fs::remove_dir_all(&folder).expect("ours to remove");
}
