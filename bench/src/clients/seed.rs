//! Invented people of many places, made by Postgres, the same every time.

use db::PgPool;
use shared::{StaffId, TagId};
use sqlx::{Connection, PgConnection};

/// Names that belong together, and how many of a hundred people have them.
struct Names {
    share: i32,
    firsts: &'static str,
    lasts: &'static str,
}

#[rustfmt::skip]
const NAMES: [Names; 7] = [
    Names { share: 34,
        firsts: "Anna James Margaret William Charlotte Robin Eleanor Graham Heather Alexander Fiona Olivia Liam Noah Emma Sarah River Jordan Ingrid Astrid Thomas Catherine Katherine Elizabeth Michael Jennifer Patricia Robert Barbara Richard Susan Jessica Matthew Daniel Rebecca Rachel Laura Stephen Andrew Kevin Brian George Edward Ronald Timothy Jason Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan Justin Scott Brandon Benjamin Samuel Gregory Frank Raymond Patrick Dennis Nancy Lisa Betty Sandra Ashley Dorothy Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Sharon Cynthia Kathleen Amy Angela Shirley Brenda Pamela Nicole Samantha Christine Debra Carolyn Janet Maria Frances Ruth Diane Virginia Julie Joyce Victoria Kelly Lauren Christina Joan Evelyn Judith Megan Cheryl Hannah Jacqueline Martha",
        lasts: "Smith Brown Martin Lee Wilson Campbell MacDonald Fraser Stewart Whitfield Sinclair Larsen Murphy Bennett Douglas Sutherland Walsh Harding MacLeod Pritchard Anderson Taylor Thomas Jackson White Harris Thompson Robinson Clark Lewis Walker Hall Allen Young King Wright Scott Green Baker Adams Nelson Carter Mitchell Roberts Turner Phillips Parker Evans Edwards Collins Morris Rogers Reed Cook Morgan Bell Bailey Cooper Richardson Cox Howard Ward Peterson Gray James Watson Brooks Sanders Price Wood Barnes Ross Henderson Coleman Jenkins Perry Powell Long Patterson Hughes Washington Butler Simmons Foster Bryant Griffin Hayes Graham Wallace Woods Cole West Jordan Owens Reynolds Fisher Ellis Harrison Gibson Mcdonald Cruz Marshall Gomez Murray Freeman Wells Webb Simpson Stevens Tucker Porter Hunter Hicks Crawford Henry Boyd Mason Kennedy Warren Dixon Ramos Burns Gordon Shaw Holmes Rice Robertson Hunt Black Daniels Palmer Mills Grant Knight Ferguson Stone Hawkins Dunn Perkins Hudson Spencer Gardner" },
    Names { share: 20,
        firsts: "Élodie Mathieu Geneviève François Marie-Ève Étienne Camille Jean-Philippe Océane Benoît Émile Chloé Zoé Luc Sylvie Mélanie Véronique Stéphane Frédéric Gérard Thérèse Anaïs Noël Raphaël Gaëlle Aurélie Cédric Dominique Guillaume Isabelle Jérôme Laurence Manon Nathalie Olivier Pascale Réjean Sébastien Valérie Xavier Yves Annick Brigitte Claudette Denis Édith Fabienne Gilles Hélène Jocelyne",
        lasts: "Tremblay Gagnon Bouchard Côté Lévesque Pelletier Bélanger Fortin Thériault Desjardins Lavoie Gauthier Morin Ouellet Roy Boucher Bergeron Simard Girard Fournier Lapointe Leblanc Paquette Poirier Caron Beaulieu Cloutier Dubé Poulin Nadeau Lefebvre Martel Hébert Grenier Leclerc Lessard Landry Michaud Richard Couture Savard Gravel Demers Lachance Parent Proulx Turcotte Vachon Veilleux Bolduc Champagne Dufour Émond Giroux Jobin Labelle Marcoux Picard Rousseau Séguin Villeneuve" },
    Names { share: 12,
        firsts: "Simran Gurpreet Ananya Rajesh Jasleen Vikram Kavita Arjun Meera Manpreet Harpreet Gurleen Ravi Priya Sunita Deepak Amit Neha Pooja Sanjay Balwinder Kulwinder Parminder Rupinder Sukhdeep Navneet Ramesh Lakshmi Krishna Aditya",
        lasts: "Singh Kaur Gill Sharma Dhillon Patel Sandhu Iyer Grewal Chaudhry Bains Krishnan Sidhu Brar Mann Dhaliwal Sekhon Kumar Gupta Mehta Joshi Desai Nair Menon Reddy Rao Verma Kapoor Malhotra Chopra Bhatia Khanna Ahluwalia Chatterjee Mukherjee Banerjee" },
    Names { share: 12,
        firsts: "Mei Wei Xiaoling Jun Yan Zhiming Hui Chun Jiayi Kai Minh Linh Bao Mai Thuy Hoang Keiko Haruto Yuki Sakura Hiroshi Kenji Soo-Jin Min-Ho Ji-Woo Hyun Seung Nguyệt Đức Phương",
        lasts: "Chen Wang Zhang Huang Zhao Lam Cheung Wong Leung Nguyễn Trần Phạm Hoàng Đặng Nakamura Tanaka Watanabe Yamamoto Kobayashi Kim Park Choi Jung Kang Cho Yoon Jang Lim Han" },
    Names { share: 12,
        firsts: "Fatima Ahmed Rania Khalid Mariam Hassan Leila Tariq Nour Ibrahim Layla Omar Adaeze Kwabena Shanice Tunde Zainab Malik Abena Emeka Imani Winston Kwame Akosua Lucía Joaquín Inês Andrés Ximena João Guadalupe Santiago Beatriz Ángel Carmen Matteo Elena Sofia Marta Jakub",
        lasts: "Mansour Khoury Farah El-Sayed Darwish Nasser Saleh Aziz Hamdan Bakr Al-Masri Haddad Adeyemi Asante Nwosu Baptiste Owusu Eze Joseph Toure Mensah Okafor Abebe Ramírez Oliveira Núñez Carvalho Muñoz Teixeira Vargas Peña Gonçalves Ibáñez Hernández Ferreira Silva Moretti Rossi Kowalczyk Wiśniewski Zieliński Novak Cohen Levy" },
    Names { share: 6,
        firsts: "Оксана Андрій Микола Ірина Богдан Галина Тарас Сергій Наталія Володимир Анна Дмитро Ольга Катерина Михайло",
        lasts: "Шевченко Коваленко Бондаренко Мельник Ткачук Лисенко Кравченко Олійник Савченко Руденко Поліщук Марченко Іваненко Петренко Гончаренко" },
    Names { share: 4,
        firsts: "小明 伟 丽 芳 秀英 建国 志强 محمد فاطمة أحمد خالد मोहन सीता राजेश अनीता",
        lasts: "王 李 张 刘 陈 المصري حداد الخوري शर्मा सिंह वर्मा" },
];

/// Endings that make other last names of the first kind's first names.
const ENDINGS: &str = "son sen ski sky ov man berg stein ford ton ley field wood worth dale ham by";

/// The number of clients made and indexed at a time.
const BATCH: i32 = 20_000;

pub async fn clients(pool: &PgPool, count: i32) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    let words = |pick: fn(&Names) -> &'static str| NAMES.iter().map(pick).map(str::to_owned).collect::<Vec<String>>();
    // Row by row each person's kind is known by where they stand in a hundred.
    let sql = "with kinds as materialized (
            select at, string_to_array(firsts, ' ') as firsts,
                   case at when 1 then string_to_array(lasts, ' ') || array(
                            select initcap(f) || e from unnest(string_to_array(firsts, ' ')) f, unnest(string_to_array($6, ' ')) e)
                        else string_to_array(lasts, ' ') end as lasts
              from unnest($3::text[], $4::text[]) with ordinality n (firsts, lasts, at)
        ), made as (
            insert into client (id, kind, code, status, first_name, preferred_name, last_name, group_name, zone, email, mobile, birth_date)
            select gen_random_uuid(), kind, 'Z' || upper(lpad(to_hex(n), 5, '0')),
                   case when n % 11 = 0 then 'inactive' when n % 13 = 0 then 'prospect' else 'active' end,
                   case kind when 'individual' then first else '' end,
                   case when kind = 'individual' and n % 17 = 0 then left(first, 3) else '' end,
                   case kind when 'individual' then last else '' end,
                   case kind when 'individual' then '' else last || ' family' end,
                   'America/Toronto',
                   nullif(regexp_replace(searchable(first || '.' || last), '[^a-z.]', '', 'g'), '.') || n || '@example.com',
                   (array['416', '647', '437', '905'])[1 + n % 4] || ' ' || lpad(((hashint4(n + 5) & 1048575) % 900 + 100)::text, 3, '0')
                       || ' ' || lpad(((hashint4(n + 6) & 1048575) % 10000)::text, 4, '0'),
                   date '1940-01-01' + (hashint4(n) & 1048575) % 29000
              from (select n, case when n % 60 = 0 then 'family' else 'individual' end as kind,
                           -- Some names are much more common than others.
                           firsts[1 + floor(cardinality(firsts) * power(((hashint4(n + 1) & 1048575) / 1048576.0), 1.5))::int] as first,
                           lasts[1 + floor(cardinality(lasts) * power(((hashint4(n + 2) & 1048575) / 1048576.0), 1.8))::int] as last
                      from generate_series($1::int, $2::int) n
                      join kinds on kinds.at = (select count(*) + 1 from unnest($5::int[]) upto
                                                 where (hashint4(n + 3) & 1048575) % 100 >= upto)) people
            returning id)
        select array_agg(id) from made";
    let mut upto = 0;
    let shares: Vec<i32> = NAMES
        .iter()
        .map(|names| {
            upto += names.share;
            upto
        })
        .collect();
    let (firsts, lasts) = (words(|names| names.firsts), words(|names| names.lasts));
    for from in (0..count).step_by(BATCH as usize) {
        let mut tx = (*conn).begin().await?;
        sqlx::query("set local kindred.search = 'later'").execute(&mut *tx).await?;
        let ids: Vec<sqlx::types::Uuid> = sqlx::query_scalar(sql)
            .bind(from)
            .bind((from + BATCH).min(count) - 1)
            .bind(&firsts)
            .bind(&lasts)
            .bind(&shares)
            .bind(ENDINGS)
            .fetch_one(&mut *tx)
            .await?;
        sqlx::query("select client_search_refresh($1)").bind(ids).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    vacuum(&mut conn).await
}

async fn vacuum(conn: &mut PgConnection) -> anyhow::Result<()> {
    sqlx::query("vacuum analyze client, client_search, client_word, client_key, client_spelling, client_misspelling")
        .execute(conn)
        .await?;
    Ok(())
}

/// A tag that one client in a hundred has.
pub async fn tag(pool: &PgPool) -> anyhow::Result<TagId> {
    let tag = TagId(db::new_id());
    sqlx::query("insert into tag (id, name) values ($1, 'Bench')").bind(tag.0).execute(pool).await?;
    let sql = "insert into client_tag (client_id, tag_id) select id, $1 from client where number % 100 = 7";
    sqlx::query(sql).bind(tag.0).execute(pool).await?;
    vacuum(&mut *pool.acquire().await?).await?;
    Ok(tag)
}

/// The number of clients of this practitioner, who has no others.
pub async fn assign(pool: &PgPool, username: &str, count: i64) -> anyhow::Result<()> {
    let sql = "select staff_id from account where username = $1::citext";
    let staff = StaffId(sqlx::query_scalar(sql).bind(username).fetch_one(pool).await?);
    sqlx::query("delete from client_practitioner where practitioner_id = $1").bind(staff.0).execute(pool).await?;
    let sql = "insert into client_practitioner (client_id, practitioner_id)
               select id, $1 from client order by hashint8(number), number limit $2";
    sqlx::query(sql).bind(staff.0).bind(count).execute(pool).await?;
    Ok(())
}
