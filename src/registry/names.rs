//! Names that suggest an identifier.
//!
//! The assessment and the import share this list (`design/levels.md`, "Names that
//! sound like a person's identifier").

/// Words for a person, or for a thing that stands for one person.
const PERSON_WORDS: &[&str] = &[
    "account",
    "actor",
    "advertising",
    "assignee",
    "author",
    "beneficiary",
    "browser",
    "buyer",
    "cardholder",
    "client",
    "commenter",
    "committer",
    "contact",
    "contributor",
    "cookie",
    "customer",
    "device",
    "donor",
    "driver",
    "employee",
    "guest",
    "household",
    "installation",
    "member",
    "membership",
    "owner",
    "participant",
    "passenger",
    "passport",
    "patient",
    "person",
    "player",
    "profile",
    "pupil",
    "reader",
    "recipient",
    "reporter",
    "respondent",
    "reviewer",
    "rider",
    "seller",
    "sender",
    "student",
    "subject",
    "subscriber",
    "teacher",
    "user",
    "viewer",
    "visitor",
    "voter",
    "worker",
];

/// Words that identify a person if they follow a word of [`PERSON_WORDS`].
const IDENTIFYING_WORDS: &[&str] = &[
    "guid",
    "hash",
    "id",
    "ids",
    "identifier",
    "key",
    "login",
    "name",
    "no",
    "number",
    "pseudo",
    "sk",
    "token",
    "uid",
    "uuid",
];

/// Words that may stand between these two.
const QUALIFYING_WORDS: &[&str] = &[
    "account",
    "anonymous",
    "external",
    "hashed",
    "internal",
    "primary",
    "pseudo",
    "unique",
    "vendor",
];

/// Last words that name somebody by themselves: a person, a device, a browser, a
/// vehicle, a contract, a network address, a click on an advertisement.
const SOLE_IDENTIFYING_WORDS: &[&str] = &[
    "aadhaar",
    "aaid",
    "adid",
    "bsn",
    "bssid",
    "clientip",
    "cookie",
    "cookies",
    "cpf",
    "curp",
    "dclid",
    "email",
    "emails",
    "fbc",
    "fbclid",
    "fbp",
    "fingerprint",
    "firstname",
    "fullname",
    "gaid",
    "gbraid",
    "gclid",
    "iban",
    "iccid",
    "idfa",
    "idfv",
    "imei",
    "imsi",
    "ip",
    "ipaddr",
    "ipaddress",
    "ips",
    "ipv4",
    "ipv6",
    "lastname",
    "login",
    "maid",
    "meid",
    "mrn",
    "msclkid",
    "msisdn",
    "nino",
    "npi",
    "oaid",
    "passport",
    "patient",
    "pesel",
    "phone",
    "remoteip",
    "sourceip",
    "srcip",
    "ssn",
    "telephone",
    "ttclid",
    "udid",
    "uid",
    "userid",
    "userip",
    "username",
    "vin",
    "wbraid",
];

/// Pairs of adjacent words that identify a person, anywhere in a name.
const IDENTIFYING_PAIRS: &[(&str, &str)] = &[
    ("android", "id"),
    ("anon", "id"),
    ("anonymous", "id"),
    ("billing", "address"),
    ("card", "number"),
    ("cookie", "id"),
    ("distinct", "id"),
    ("driver", "licence"),
    ("driver", "license"),
    ("drivers", "licence"),
    ("drivers", "license"),
    ("driving", "licence"),
    ("e", "mail"),
    ("email", "address"),
    ("family", "name"),
    ("first", "name"),
    ("forwarded", "for"),
    ("full", "name"),
    ("given", "name"),
    ("hardware", "id"),
    ("home", "address"),
    ("hospital", "number"),
    ("insurance", "number"),
    ("ip", "addr"),
    ("ip", "address"),
    ("ipv4", "address"),
    ("ipv6", "address"),
    ("last", "name"),
    ("licence", "number"),
    ("licence", "plate"),
    ("license", "number"),
    ("license", "plate"),
    ("mac", "addr"),
    ("mac", "address"),
    ("machine", "id"),
    ("maiden", "name"),
    ("medical", "record"),
    ("mobile", "number"),
    ("national", "id"),
    ("nhs", "number"),
    ("number", "plate"),
    ("phone", "number"),
    ("plate", "number"),
    ("postal", "address"),
    ("remote", "addr"),
    ("remote", "address"),
    ("serial", "number"),
    ("shipping", "address"),
    ("social", "security"),
    ("street", "address"),
    ("tax", "id"),
    ("tax", "number"),
    ("visit", "guid"),
    ("xforwarded", "for"),
];

/// Words whose hash names somebody as they do themselves.
const HASHED: &[&str] = &["email", "imei", "ip", "msisdn", "phone", "ssn"];

/// Words for a hash.
const HASHES: &[&str] = &["hash", "hashed", "md5", "sha1", "sha256"];

/// Words before an address that say whose it is: that of a machine that serves.
const SERVES: &[&str] = &[
    "gateway",
    "nameserver",
    "proxy",
    "resolver",
    "server",
    "service",
];

/// Last words of names that describe an identifier but are not one.
const DESCRIBING_WORDS: &[&str] = &[
    "city", "count", "country", "domain", "flag", "language", "opened", "provider", "quality",
    "region", "sent", "source", "state", "status", "subject", "template", "type", "types",
    "verified", "version",
];

/// Whether the name of a column suggests that it identifies a person.
///
/// Examples are `patient_id`, `fullVisitorId`, `actor.login` and `email`. `path` has
/// the names from the top-level column down.
pub fn names_person<'a>(path: impl IntoIterator<Item = &'a str>) -> bool {
    let words: Vec<String> = path.into_iter().flat_map(words).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((last, before)) = words.split_last() else {
        return false;
    };
    if DESCRIBING_WORDS.contains(last) {
        return false;
    }
    // A share is a number, and a comparison is none of its sides.
    let fraction = ["pct", "percent", "ratio", "share"];
    if words.contains(&"vs") || words.first().is_some_and(|first| fraction.contains(first)) {
        return false;
    }
    // `last_login` is a time, an OAuth client is a program, and the name of an
    // account or device is not an identifier.
    let other = matches!(
        words.as_slice(),
        [.., "last" | "first", "login"]
            | [.., "oauth", "client", _]
            | [.., "account" | "device" | "household" | "profile", "name"]
    ) || before
        .iter()
        .rev()
        .take(2)
        .any(|word| SERVES.contains(word))
        && matches!(*last, "addr" | "address" | "ip" | "ips" | "ipv4" | "ipv6");
    if other {
        return false;
    }
    let pairs = words.windows(2).any(|pair| match pair {
        [a, b] => IDENTIFYING_PAIRS.contains(&(*a, *b)),
        _ => false,
    });
    // `user_pseudo_id`, `customer_account_number`: the middle word qualifies the
    // last.
    let one_of = |before: &[&str]| {
        before
            .last()
            .is_some_and(|word| PERSON_WORDS.contains(word))
    };
    let qualified = IDENTIFYING_WORDS.contains(last)
        && match before {
            [known @ .., between] if QUALIFYING_WORDS.contains(between) => {
                one_of(before) || one_of(known)
            }
            known => one_of(known),
        };
    let hash = HASHES.contains(last) && before.last().is_some_and(|word| HASHED.contains(word));
    pairs || SOLE_IDENTIFYING_WORDS.contains(last) || qualified || hash
}

/// Whether a name suggests an identifier, of a person or of a record.
pub(super) fn suggests_identifier(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "fingerprint",
        "guid",
        "hash",
        "hashed",
        "id",
        "ids",
        "ip",
        "sha256",
        "token",
        "uid",
        "uuid",
    ];
    let lower = name.to_lowercase();
    let last = lower.split('_').next_back();
    last.is_some_and(|word| WORDS.contains(&word))
        || lower.contains("sha256")
        || names_person([name])
}

/// Splits a name into words in lower case: `fullVisitorId`, `full_visitor_id`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for letter in name.chars() {
        let starts = letter.is_uppercase() && lower;
        if !letter.is_alphanumeric() || starts {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        lower = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::{names_person, suggests_identifier};

    #[test]
    fn names_of_people_are_told_from_names_of_things() {
        for name in [
            "patient_id",
            "fullVisitorId",
            "owner_user_id",
            "email",
            "customer_email",
            "phone",
            "ssn",
            "idfa",
            "mac_address",
            "login",
            "userId",
            "user_pseudo_id",
            "USER_ID",
            "email_address",
            "subject_id",
            "person_id",
            "ip_address",
            "device_id",
            "username",
            "user_name",
            "advertising_id",
            "client_id",
            "actor.login",
            "actor.id",
            "account_no",
            "ip",
            "client_ip",
            "clientIP",
            "ClientIp",
            "client.IP",
            "client-ip",
            "raw.client.IP",
            "remote_addr",
            "REMOTE_ADDR",
            "remoteAddr",
            "x_forwarded_for",
            "X-Forwarded-For",
            "XForwardedFor",
            "ipAddr",
            "IPAddress",
            "ipv6",
            "mrn",
            "patient",
            "msisdn",
            "imei",
            "imsi",
            "gclid",
            "fbclid",
            "_fbp",
            "uid",
            "passport",
            "passport_number",
            "iban",
            "vin",
            "license_plate",
            "LicensePlate",
            "advertisingId",
            "visitor_id",
            "visitorId",
            "visitor-id",
            "nhs_number",
            "NhsNumber",
            "national_id",
            "tax_id",
            "cookie",
            "cookie_id",
            "browser_id",
            "anonymous_id",
            "distinct_id",
            "android_id",
            "device_vendor_id",
            "machine_id",
            "serial_number",
            "email_sha256",
            "ip_hash",
            "home_address",
            "credit_card_number",
            "medical_record_number",
            "given_name",
        ] {
            assert!(names_person(name.split('.')), "{name}");
            let last = name.rsplit('.').next().unwrap_or(name);
            assert!(suggests_identifier(last), "{name}");
        }
        for name in [
            "experiment_id",
            "country",
            "email_type",
            "email_verified",
            "user_type",
            "campaign_id",
            "addon_id",
            "client_version",
            "device",
            "user_count",
            "name",
            "item_name",
            "user_agent",
            "visitStartTime",
            "device.category",
            "phone_type",
            "key",
            "number",
            "account_type",
            "provider_plan_id",
            "oauth_client_id",
            "account_name",
            "landingScreenName",
            "last_login",
            "device_name",
            "paid",
            "grid",
            "hotel_name",
            "login_count",
            "credit_card_autofill_enabled",
            "shipping_address_country",
            "billing_address_city",
            "paid_vs_organic_gclid",
            "pct_terms_containing_us_census_surname",
            "ip_country",
            "ip_version",
            "server_ip",
            "ServerIP",
            "server_ip_address",
            "email_name",
            "email_id",
            "vendor_id",
            "skip",
            "ship",
            "tip",
            "clip",
            "vine",
            "margin",
            "patient_count",
            "record_count",
            "browser_version",
            "browser",
            "cookie_type",
            "card_type",
            "address",
            "addon_guid",
            "valid",
            "session_id",
            "transaction_hash",
        ] {
            assert!(!names_person(name.split('.')), "{name}");
        }
        assert!(suggests_identifier("document_id"));
        assert!(!suggests_identifier("idle"));
    }
}
