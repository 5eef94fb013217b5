//! How text messages are sent.

use crate::error::AppError;
use leptos::prelude::*;
use shared::sms::SmsForm;

#[server(prefix = "/fn", endpoint = "settings/save_sms")]
pub async fn save_sms(form: SmsForm) -> Result<(), AppError> {
    let app = crate::context::app();
    db::messages::sms_setting::save(&app.pool, &super::administrator()?, &app.sealer, &form).await?;
    leptos_axum::redirect("/settings/text-messages?done=sms-saved");
    Ok(())
}
