//! Names that suggest an identifier.
//!
//! The assessment and the import share this list (`design/levels.md`, "Names that
//! sound like a person's identifier").

/// Words for a person, or for a thing that stands for one person.
const SOMEBODY: &[&str] = &[
    "account",
    "actor",
    "advertising",
    "assignee",
    "author",
    "buyer",
    "client",
    "commenter",
    "committer",
    "contact",
    "contributor",
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
    "patient",
    "person",
    "player",
    "profile",
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

/// Words that identify a person if they follow a word of [`SOMEBODY`].
const NAMES_ONE: &[&str] = &[
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
const BETWEEN: &[&str] = &[
    "account",
    "anonymous",
    "external",
    "hashed",
    "internal",
    "primary",
    "pseudo",
    "unique",
];

/// Last words that identify a person by themselves.
const ALONE: &[&str] = &[
    "aaid",
    "cookie",
    "email",
    "emails",
    "fingerprint",
    "gaid",
    "idfa",
    "idfv",
    "imei",
    "imsi",
    "login",
    "msisdn",
    "npi",
    "phone",
    "ssn",
    "telephone",
    "uid",
    "username",
    "userid",
];

/// Pairs of adjacent words that identify a person, anywhere in a name.
const PAIRS: &[(&str, &str)] = &[
    ("email", "address"),
    ("family", "name"),
    ("first", "name"),
    ("full", "name"),
    ("ip", "address"),
    ("last", "name"),
    ("mac", "address"),
    ("phone", "number"),
    ("social", "security"),
    ("visit", "guid"),
];

/// Last words of names that describe an identifier but are not one.
const ABOUT: &[&str] = &[
    "count", "domain", "flag", "language", "opened", "provider", "quality", "sent", "source",
    "status", "subject", "template", "type", "types", "verified", "version",
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
    if ABOUT.contains(last) {
        return false;
    }
    // `last_login` is a time, an OAuth client is a program, and the name of an
    // account or device is not an identifier.
    let other = matches!(
        words.as_slice(),
        [.., "last" | "first", "login"]
            | [.., "oauth", "client", _]
            | [.., "account" | "device" | "household" | "profile", "name"]
    );
    if other {
        return false;
    }
    let pairs = words.windows(2).any(|pair| match pair {
        [a, b] => PAIRS.contains(&(*a, *b)),
        _ => false,
    });
    // `user_pseudo_id`, `customer_account_number`: the middle word qualifies the
    // last.
    let one_of = |before: &[&str]| before.last().is_some_and(|word| SOMEBODY.contains(word));
    let qualified = NAMES_ONE.contains(last)
        && match before {
            [known @ .., between] if BETWEEN.contains(between) => one_of(before) || one_of(known),
            known => one_of(known),
        };
    pairs || ALONE.contains(last) || qualified
}

/// Whether a name suggests an identifier, of a person or of a record.
pub(super) fn names_anything(name: &str) -> bool {
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
    use super::{names_anything, names_person};

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
        ] {
            assert!(names_person(name.split('.')), "{name}");
            assert!(
                names_anything(name.rsplit('.').next().unwrap_or(name)),
                "{name}"
            );
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
        ] {
            assert!(!names_person(name.split('.')), "{name}");
        }
        assert!(names_anything("document_id"));
        assert!(!names_anything("idle"));
    }
}
