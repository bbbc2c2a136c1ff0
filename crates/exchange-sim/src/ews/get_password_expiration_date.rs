//! GetPasswordExpirationDate ([MS-OXWSPED] 3.1.4.1): until when the caller's own password holds.

use super::Call;
use super::soap::{self, EwsError};

/// What a password that never ends is told to end at: the last instant that Exchange can write.
const NEVER: &str = "9999-12-31T23:59:59.9999999";

pub(super) fn answer(call: &Call<'_>) -> Result<String, EwsError> {
    let account = call.world.accounts.get(&call.login);
    let account = account.ok_or_else(|| EwsError::of("ErrorNonExistentMailbox"))?;
    Ok(soap::reply("m:GetPasswordExpirationDateResponse", &[("ResponseClass", "Success")], |xml| {
        xml.leaf("m:ResponseCode", "NoError");
        match account.password_ends {
            Some(ends) => xml.instant("m:PasswordExpirationDate", ends),
            None => xml.leaf("m:PasswordExpirationDate", NEVER),
        }
    }))
}
