use super::*;
use expect_test::expect;
use std::fmt::Write as _;

#[test]
fn every_move_from_every_status() {
    let mut table = String::new();
    for &from in ModelStatus::ALL {
        for &attempted in Move::ALL {
            if let Ok(to) = from.after(attempted) {
                writeln!(table, "{from} can {attempted}: {to}").unwrap();
            }
        }
    }
    expect![[r#"
        draft can train: training
        draft can retest: testing
        draft can withdraw: archived
        training can seal: testing
        training can fail_training: archived
        testing can stage: staging
        testing can reject: archived
        staging can start_canary: canary
        staging can unstage: draft
        canary can promote: production
        canary can roll_back: draft
        production can supersede: archived
        production can demote: draft
        production can retire: archived
        archived can restore: production
    "#]]
    .assert_eq(&table);
}

#[test]
fn words_read_back() {
    for &status in StepStatus::ALL {
        assert_eq!(StepStatus::from_word(status.word()), Some(status));
        assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{}\"", status.word()));
    }
    for &status in RunStatus::ALL {
        assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{}\"", status.word()));
    }
    for &each in Move::ALL {
        assert_eq!(serde_json::to_string(&each).unwrap(), format!("\"{}\"", each.word()));
    }
}
