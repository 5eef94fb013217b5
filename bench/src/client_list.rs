//! The client list on the server, with 100,000 clients.

use crate::figures::load;
use crate::http::Session;
use crate::site::Site;
use db::PgPool;

const CLIENTS: i32 = 100_000;
const CONNECTIONS: usize = 8;
const TIMES: usize = 250;

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let site = Site::start(postgres, "client_list").await?;
    seed(&site.pool).await?;
    let desk = Session::log_in(&site.base, "staff@demo.test").await?;
    println!("GET by staff, {CLIENTS} clients, {CONNECTIONS} connections kept alive, whole answer:");
    for (name, paths) in [
        ("first page", &["/clients"][..]),
        ("page 1,000", &["/clients?page=1000"]),
        (
            "search, a name",
            &[
                "/clients?q=tremblay",
                "/clients?q=anna+nguyen",
                "/clients?q=zo%C3%A9",
                "/clients?q=okafor",
                "/clients?q=ma",
            ],
        ),
        ("search, a code or number", &["/clients?q=Z00042", "/clients?q=51234", "/clients?q=4165550142"]),
        ("search, misspelt", &["/clients?q=tremblai", "/clients?q=ngyuen+ana", "/clients?q=kowalzcyk"]),
    ] {
        let work = move |session: Session| {
            move |connection: usize, time: usize| {
                let session = session.clone();
                async move { session.page(paths[(connection + time) % paths.len()]).await }
            }
        };
        load(CONNECTIONS, 10, work(desk.clone())).await?;
        println!("  {name:<26} {}", load(CONNECTIONS, TIMES, work(desk.clone())).await?);
    }
    site.stop().await
}

/// Invented people beside those of the demo.
async fn seed(pool: &PgPool) -> anyhow::Result<()> {
    let sql = "insert into client (id, kind, code, status, first_name, last_name, zone, email, mobile, birth_date)
        select gen_random_uuid(), 'individual', 'Z' || lpad(n::text, 5, '0'),
               case when n % 11 = 0 then 'inactive' when n % 13 = 0 then 'prospect' else 'active' end,
               first, last, 'America/Toronto', lower(first) || '.' || lower(last) || n || '@example.com',
               (array['416', '647', '437', '905'])[1 + n % 4] || ' 555 ' || lpad((n % 10000)::text, 4, '0'),
               date '1940-01-01' + (hashint4(n) & 1048575) % 29000
          from (select n, firsts[1 + (hashint4(n) & 1048575) % cardinality(firsts)] as first,
                       lasts[1 + (hashint4(-n - 1) & 1048575) % cardinality(lasts)] as last
                  from generate_series(0, $1 - 1) n,
                       (select array['Anna', 'Mia', 'Leo', 'Zoé', 'Émile', 'Luc', 'Minh', 'Linh', 'Bao', 'Mai', 'Harpreet',
                            'Gurleen', 'Elena', 'Matteo', 'Keiko', 'Haruto', 'Layla', 'Omar', 'Noor', 'David', 'Rachel',
                            'Marta', 'Jakub', 'Kwame', 'Akosua', 'Carmen', 'Sarah', 'River', 'Jordan', 'Ingrid', 'Astrid',
                            'Olivia', 'Liam', 'Noah', 'Emma', 'Fatima', 'Wei', 'Chloé', 'Ravi', 'Sofia'] as firsts,
                               array['Okafor', 'Tremblay', 'Nguyen', 'Tran', 'Singh', 'Kaur', 'Moretti', 'Rossi', 'Nakamura',
                            'Al-Masri', 'Cohen', 'Levy', 'Kowalczyk', 'Mensah', 'Hernández', 'Cardinal', 'Sinclair',
                            'Whitefeather', 'Larsen', 'Smith', 'Brown', 'Martin', 'Roy', 'Gagnon', 'Lee', 'Wilson', 'Campbell',
                            'MacDonald', 'Côté', 'Bouchard', 'Chen', 'Patel', 'Sharma', 'Haddad', 'Ferreira', 'Silva', 'Müller',
                            'Novak', 'Ivanova', 'Abebe', 'Whitfield', 'Fraser', 'Stewart', 'Gauthier', 'Morin', 'Lavoie',
                            'Fortin', 'Ouellet', 'Pelletier', 'Bélanger'] as lasts) names) people";
    sqlx::query(sql).bind(CLIENTS).execute(pool).await?;
    sqlx::query("vacuum analyze client").execute(pool).await?;
    Ok(())
}
