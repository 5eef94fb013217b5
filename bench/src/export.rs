//! A hundred thousand clients as a file, every column, and what it costs the
//! server in memory.

use crate::clients::seed;
use crate::http::Session;
use crate::site::Site;
use anyhow::ensure;
use std::time::Instant;

const CLIENTS: i32 = 100_000;

pub async fn run(postgres: &str) -> anyhow::Result<()> {
    let site = Site::start(postgres, "export").await?;
    seed::clients(&site.pool, CLIENTS).await?;
    let desk = Session::log_in(&site.base, "staff@demo.test").await?;
    println!("GET by staff, {CLIENTS} clients and the demo's, whole answer:");
    for (name, path) in [
        ("CSV, the list's columns", "/clients/export.csv?columns=number,code,status,first_name,last_name,email,mobile"),
        ("CSV, every column", "/clients/export.csv"),
        (
            "XLSX, the list's columns",
            "/clients/export.xlsx?columns=number,code,status,first_name,last_name,email,mobile",
        ),
        ("XLSX, every column", "/clients/export.xlsx"),
    ] {
        let started = Instant::now();
        let answer = desk.get(path, "identity").await?;
        ensure!(answer.status.is_success(), "{path}: {}", answer.status);
        let (took, size) = (started.elapsed().as_secs_f64(), answer.body.len() / 1_000_000);
        println!("  {name:<26} {took:.1} s, {size} MB; peak memory of the server {}", site.memory("VmHWM"));
    }
    site.stop().await
}
