//! The hashes and the cipher of NTLM ([MS-NLMP] 3.3.2, 6). Nothing new should use them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use md4::{Digest as _, Md4};
use md5::Md5;

/// The hash of a password that version 2 begins with ([MS-NLMP] 3.3.2, NTOWFv2).
pub(super) fn ntowfv2(user: &str, domain: &str, password: &str) -> [u8; 16] {
    let hash: [u8; 16] = Md4::digest(utf16(password)).into();
    hmac_md5(&hash, &[&utf16(&(user.to_uppercase() + domain))])
}

pub(super) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

pub(super) fn md5(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

pub(super) fn hmac_md5(key: &[u8; 16], parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = Hmac::<Md5>::new_from_slice(key).expect("HMAC takes keys of every length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// RC4 from the start of its key stream: what it enciphers it deciphers too.
pub(super) fn rc4(key: &[u8; 16], data: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|index| u8::try_from(index).unwrap_or(0));
    let at = |state: &[u8; 256], index: u8| state.get(usize::from(index)).copied().unwrap_or(0);
    let mut j = 0u8;
    for (i, key) in (0..=255u8).zip(key.iter().cycle()) {
        j = j.wrapping_add(at(&state, i)).wrapping_add(*key);
        state.swap(usize::from(i), usize::from(j));
    }
    let (mut i, mut j) = (0u8, 0u8);
    let enciphered = data.iter().map(|byte| {
        i = i.wrapping_add(1);
        j = j.wrapping_add(at(&state, i));
        state.swap(usize::from(i), usize::from(j));
        byte ^ at(&state, at(&state, i).wrapping_add(at(&state, j)))
    });
    enciphered.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_values_come_out() {
        let expected = "0c868a403bfd7a93a3001ef22ef02e3f";
        assert_eq!(hex::encode(ntowfv2("User", "Domain", "Password")), expected, "[MS-NLMP] 4.2.4.1.1");
        let base = hex::decode("8de40ccadbc14a82f15cb0ad0de95ca3").unwrap().try_into().unwrap();
        assert_eq!(hex::encode(rc4(&base, &[0x55; 16])), "c5dad2544fc9799094ce1ce90bc9d03e", "4.2.4.2.3");
    }
}
