//! Who was there of couples, families and groups: of the date, as the form
//! showed, and no one unseen without being asked about.

use crate::support::activities::{assign, client, count, form, member, practitioner, problem, there, today};
use chrono::{Days, NaiveDate};
use db::PgPool;
use db::activities;
use shared::accounts::Role;
use shared::activities::{ActivityForm, Attendee};
use shared::{ClientNumber, Problem};
use testkit::{refusal, staff_actor};

#[testkit::test]
async fn members_on_the_date_attended_unless_unselected(pool: PgPool) {
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let (group, group_number) = client(&pool, "group", "Monday").await;
    let start = today() - Days::new(100);
    let mut numbers = Vec::new();
    for (name, joined, left) in [
        ("Always", 0, None),
        ("Left", 0, Some(50)),
        ("Later", 60, None),
        // Gone on the very day, the first on which they do not belong any more; there if someone ticks them.
        ("Today", 0, Some(100)),
    ] {
        let (id, number) = client(&pool, "individual", name).await;
        member(&pool, group, id, start + Days::new(joined), left.map(|days| start + Days::new(days))).await;
        numbers.push(number.get());
    }
    let [always, left, later, gone] = numbers[..] else { panic!() };
    let on = |date: NaiveDate, form: &ActivityForm| ActivityForm {
        date: date.to_string(),
        request_key: db::new_id().to_string(),
        ..form.clone()
    };
    let given = form(&pool, &[group_number]).await;
    let before = activities::save(&pool, &admin, None, &on(start + Days::new(49), &given)).await.unwrap();
    let after = activities::save(&pool, &admin, None, &on(start + Days::new(50), &given)).await.unwrap();
    let last = activities::save(&pool, &admin, None, &given).await.unwrap();
    assert_eq!(there(&pool, before).await, [always, left, gone]);
    assert_eq!(there(&pool, after).await, [always, gone]);
    assert_eq!(there(&pool, last).await, [always, later]);

    // The form shows the same, and unticking one leaves the others.
    let shown = activities::chosen(&pool, &admin, &given, None).await.unwrap();
    let ticked: Vec<_> =
        shown[0].members.iter().filter(|member| member.ticked).map(|member| member.number.get()).collect();
    assert_eq!((shown[0].members.len(), ticked), (3, vec![always, later]));
    let attendee = |member| Attendee { group: group_number, member: ClientNumber::new(member) }.to_string();
    let unticked = ActivityForm {
        members: vec![attendee(always), attendee(later)],
        // Who never belonged, or did not then, is no member by being posted.
        attended: vec![attendee(later), attendee(left), attendee(999_999)],
        version: "1".into(),
        ..given.clone()
    };
    activities::save(&pool, &admin, Some(last), &unticked).await.unwrap();
    assert_eq!(there(&pool, last).await, [later]);
    let came = vec![attendee(gone)];
    let with_gone =
        ActivityForm { members: came.clone(), attended: came, request_key: db::new_id().to_string(), ..given.clone() };
    let ticked = activities::save(&pool, &admin, None, &with_gone).await.unwrap();
    assert_eq!(there(&pool, ticked).await, [always, later, gone]);

    // Leaving the group, whenever, changes nothing that has been.
    sqlx::query("update client_membership set left_on = joined_on").execute(&pool).await.unwrap();
    let untouched = ActivityForm { version: "2".into(), ..given.clone() };
    activities::save(&pool, &admin, Some(last), &untouched).await.unwrap();
    assert_eq!(there(&pool, last).await, [later]);
    sqlx::query("delete from client_membership").execute(&pool).await.unwrap();
    assert_eq!(there(&pool, before).await, [always, left, gone]);
    let shown = activities::chosen(&pool, &admin, &untouched, Some(last)).await.unwrap();
    assert_eq!(
        shown[0].members.iter().map(|member| (member.number.get(), member.ticked)).collect::<Vec<_>>(),
        [(later, true)]
    );
    let of_one = testkit::reads::activities(&pool, &admin, ClientNumber::new(left)).await.unwrap();
    assert_eq!((of_one.count, of_one.rows[0].id), (1, before));

    // Without the group no one of it was there.
    let alone = ActivityForm { clients: Vec::new(), version: "3".into(), ..given };
    activities::save(&pool, &admin, Some(last), &alone).await.unwrap();
    assert!(there(&pool, last).await.is_empty());
}

/// No one is saved as there, or as not there, the form did not show.
#[testkit::test]
async fn on_another_date_the_members_are_shown_again(pool: PgPool) {
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let (group, group_number) = client(&pool, "group", "Monday").await;
    let (before, before_number) = client(&pool, "individual", "Before").await;
    let (since, since_number) = client(&pool, "individual", "Since").await;
    let change = today() - Days::new(10);
    member(&pool, group, before, change - Days::new(20), Some(change)).await;
    member(&pool, group, since, change, None).await;
    let attendees = |members: &[ClientNumber]| -> Vec<String> {
        members.iter().map(|member| Attendee { group: group_number, member: *member }.to_string()).collect()
    };
    // Shown for today, saved for a day before the change.
    let mut given = ActivityForm {
        lists_members: true,
        date: (change - Days::new(5)).to_string(),
        ..form(&pool, &[group_number]).await
    };
    for shown in [&[][..], &[since_number], &[before_number, since_number]] {
        (given.members, given.attended) = (attendees(shown), attendees(&[since_number]));
        let refused = refusal(activities::save(&pool, &admin, None, &given).await);
        assert_eq!(problem(&refused, "clients"), Some(Problem::OtherMembers), "{shown:?}");
    }
    assert_eq!(count(&pool, "select count(*) from activity").await, 0);
    let shown = activities::chosen(&pool, &admin, &given, None).await.unwrap();
    assert_eq!(shown[0].members.iter().map(|member| member.number).collect::<Vec<_>>(), [before_number]);
    (given.members, given.attended) = (attendees(&[before_number]), attendees(&[before_number]));
    let id = activities::save(&pool, &admin, None, &given).await.unwrap();
    assert_eq!(there(&pool, id).await, [before_number.get()]);
    // The same of one that is stored.
    let moved = ActivityForm { date: today().to_string(), version: "1".into(), ..given };
    let refused = refusal(activities::save(&pool, &admin, Some(id), &moved).await);
    assert_eq!(problem(&refused, "clients"), Some(Problem::OtherMembers));
    assert_eq!(there(&pool, id).await, [before_number.get()]);
}

#[testkit::test]
async fn members_hidden_from_the_practitioner_count_and_stay(pool: PgPool) {
    let olga = practitioner(&pool, "Olga").await;
    let (group, group_number) = client(&pool, "group", "Monday").await;
    let (seen, seen_number) = client(&pool, "individual", "Seen").await;
    let (unseen, unseen_number) = client(&pool, "individual", "Unseen").await;
    for id in [seen, unseen] {
        member(&pool, group, id, today() - Days::new(10), None).await;
    }
    assign(&pool, &olga, group).await;
    assign(&pool, &olga, seen).await;
    let attendee = |member| Attendee { group: group_number, member }.to_string();
    let mut given = form(&pool, &[group_number]).await;
    // A forged form says that neither was there; of the one not seen it is not believed.
    given.members = vec![attendee(seen_number), attendee(unseen_number)];
    let id = activities::save(&pool, &olga, None, &given).await.unwrap();
    assert_eq!(there(&pool, id).await, [unseen_number.get()]);
    let shown = activities::chosen(&pool, &olga, &given, Some(id)).await.unwrap();
    assert_eq!((shown[0].members.len(), shown[0].hidden), (1, 1));

    // Asked about them, the form says whether they were there.
    given.unseen_asked = vec![group_number.to_string()];
    for (unseen, expected) in [(vec![], vec![]), (given.unseen_asked.clone(), vec![unseen_number.get()])] {
        let new = ActivityForm { unseen, request_key: db::new_id().to_string(), ..given.clone() };
        let shown = activities::chosen(&pool, &olga, &new, None).await.unwrap();
        assert_eq!((shown[0].hidden, shown[0].unseen), (1, !expected.is_empty()));
        let new = activities::save(&pool, &olga, None, &new).await.unwrap();
        assert_eq!(there(&pool, new).await, expected);
    }
    given.version = "1".into();
    activities::save(&pool, &olga, Some(id), &given).await.unwrap();
    assert!(there(&pool, id).await.is_empty());
    // Unticked by mistake, they are shown so, and can be ticked again.
    let opened = ActivityForm { unseen_asked: Vec::new(), ..given.clone() };
    let shown = activities::chosen(&pool, &olga, &opened, Some(id)).await.unwrap();
    assert_eq!((shown[0].hidden, shown[0].unseen), (1, false));
    let again = ActivityForm { unseen: vec![group_number.to_string()], version: "2".into(), ..given };
    activities::save(&pool, &olga, Some(id), &again).await.unwrap();
    assert_eq!(there(&pool, id).await, [unseen_number.get()]);
}
