//! `canReply`, `canLike` and `canAnnounce` of `interactionPolicy`. What `canQuote` says is read with quotes.
//!
//! Source: <https://docs.gotosocial.org/en/latest/federation/interaction_controls/>; older names of the members from
//! <https://docs.gotosocial.org/en/v0.17.0/federation/federating_with_gotosocial/>

use pouet_model::interaction::{Rule, Rules};

use crate::json::Object;

/// Ids in one list that are looked at.
const MAX_IDS: usize = 100;

/// The rules of an object; `None` if everybody may do everything.
pub fn rules_of(object: Object<'_>) -> Option<Rules> {
    let policy = object.object("interactionPolicy")?;
    let rules = Rules {
        reply: rule(policy, "canReply"),
        like: rule(policy, "canLike"),
        announce: rule(policy, "canAnnounce"),
    };
    (!rules.is_for_everybody()).then_some(rules)
}

/// One rule. An absent or empty one leaves it to everybody; one whose lists are empty, to nobody.
fn rule(policy: Object<'_>, name: &str) -> Option<Rule> {
    let rule = policy.object(name)?;
    let lists = [
        "automaticApproval",
        "always",
        "manualApproval",
        "approvalRequired",
    ];
    if lists.iter().all(|list| rule.get(list).is_none()) {
        return None;
    }
    let ids = |name: &str, older: &str| {
        let name = if rule.get(name).is_some() { name } else { older };
        rule.ids(name).take(MAX_IDS).map(str::to_owned).collect()
    };
    Some(Rule {
        automatic: ids("automaticApproval", "always"),
        manual: ids("manualApproval", "approvalRequired"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

    fn read(policy: &Value) -> Option<Rules> {
        rules_of(Object::of(&json!({ "interactionPolicy": policy })).unwrap())
    }

    #[test]
    fn fed_094_policies_are_read_under_both_names() {
        let author = "https://far.test/users/ada";
        for reply in [
            json!({"automaticApproval": [author], "manualApproval": [PUBLIC]}),
            json!({"automaticApproval": author, "manualApproval": PUBLIC}),
            json!({"always": [author], "approvalRequired": [PUBLIC]}),
            json!({"always": author, "approvalRequired": "as:Public"}),
        ] {
            let rules = read(&json!({"canReply": reply, "canLike": {"always": PUBLIC}})).unwrap();
            let rule = rules.reply.unwrap();
            assert_eq!(rule.automatic, [author], "{reply}");
            assert_eq!(rule.manual.len(), 1, "{reply}");
            assert!(rules.announce.is_none());
        }
    }

    #[test]
    fn fed_094_what_is_for_everybody_is_no_policy() {
        for policy in [
            json!(null),
            json!({}),
            json!("everybody"),
            json!({"canReply": null}),
            json!({"canReply": {}}),
            json!({"canReply": {"automaticApproval": PUBLIC, "manualApproval": []}}),
            json!({"canQuote": {"automaticApproval": []}}),
        ] {
            assert_eq!(read(&policy), None, "{policy}");
        }
        let nobody = read(&json!({"canReply": {"automaticApproval": []}})).unwrap();
        assert_eq!(nobody.reply, Some(Rule::default()));
    }
}
