use super::*;
use suho_check::program::{Access, UnaryOp};
use suho_domain::units::Decimal;
use suho_domain::{Name, Points, Ratio};

const OPS: [BinaryOp; 6] = [
    BinaryOp::Less,
    BinaryOp::LessOrEqual,
    BinaryOp::Greater,
    BinaryOp::GreaterOrEqual,
    BinaryOp::Equal,
    BinaryOp::NotEqual,
];

fn permille(number: i64) -> Value {
    Value::Ratio(Ratio::new(Decimal::new(number, 3).normalize()))
}

fn live(metric: &str) -> Expr {
    Expr::Live(metric.to_owned())
}

fn binary(left: Expr, op: BinaryOp, right: Expr) -> Expr {
    Expr::Binary(op, Box::new((left, right)))
}

fn compare(metric: &str, op: BinaryOp, limit: i64) -> Expr {
    binary(live(metric), op, Expr::Value(permille(limit)))
}

/// `gate.baseline?.accuracy - points`.
fn baseline_less(points: i64) -> Expr {
    let access = |field: &str, optional| Access { field: field.to_owned(), optional };
    let path = vec![access("baseline", false), access("accuracy", true)];
    let baseline = Expr::Output { step: Name::new("gate").unwrap(), path };
    let points = Value::Points(Points::new(Decimal::new(points, 2)));
    binary(baseline, BinaryOp::Subtract, Expr::Value(points))
}

/// What `expr` is where `metric` is `value`.
fn holds(expr: &Expr, values: &[(&str, Value)]) -> bool {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    evaluate(&put(expr, &values.collect()), &Nothing) == Ok(Value::Bool(true))
}

#[test]
fn a_case_is_found_where_there_is_one_and_nowhere_else() {
    let library = Library::default();
    let rules: Vec<Expr> = OPS
        .into_iter()
        .flat_map(|op| [200, 300, 400].map(|limit| compare("a", op, limit)))
        .flat_map(|rule| [rule.clone(), Expr::Unary(UnaryOp::Not, Box::new(rule))])
        .collect();
    for old in &rules {
        for new in &rules {
            // Every limit, and a value on each side of each.
            let mut grid = (100..=500).step_by(50).map(permille);
            let exists = grid.any(|a| {
                let values = [("a", a)];
                holds(new, &values) && !holds(old, &values)
            });
            match search(&[(new, Wanted::Passes), (old, Wanted::Fails)], &library) {
                Search::Found(case) => {
                    let values: Vec<_> = case.iter().map(|(k, v)| (&**k, v.clone())).collect();
                    assert!(holds(new, &values) && !holds(old, &values), "{case:?}");
                }
                Search::Nothing => assert!(!exists, "{} to {}", crate::show(old), crate::show(new)),
                Search::Unknown => panic!("{} to {}", crate::show(old), crate::show(new)),
            }
        }
    }
}

#[test]
fn every_other_rule_of_the_gate_passes_in_the_case() {
    let library = Library::default();
    let old = compare("a", BinaryOp::Less, 200);
    let rest: Vec<Expr> =
        (0..20).map(|n| compare(&format!("m{n:02}"), BinaryOp::GreaterOrEqual, 600)).collect();
    let new = compare("a", BinaryOp::Less, 250);
    let mut conditions: Vec<_> = rest.iter().map(|rule| (rule, Wanted::Passes)).collect();
    conditions.extend([(&new, Wanted::Passes), (&old, Wanted::Fails)]);
    let Search::Found(case) = search(&conditions, &library) else { panic!("there is a case") };
    assert_eq!(case[0], ("a".to_owned(), permille(225)), "what decides comes first");
    assert_eq!(case.len(), 21);
    let values: Vec<_> = case.iter().map(|(k, v)| (&**k, v.clone())).collect();
    assert!(rest.iter().all(|rule| holds(rule, &values)));
    // A rule that asks for the opposite leaves no case.
    let never = compare("a", BinaryOp::Less, 100);
    conditions.push((&never, Wanted::Passes));
    assert_eq!(search(&conditions, &library), Search::Nothing);
}

#[test]
fn metrics_are_compared_with_each_other_and_with_none() {
    let accuracy = suho_check::Metric {
        ty: suho_check::Type::Ratio,
        better: suho_check::Better::Higher,
        domain: Some((permille(0), permille(1000))),
        doc: None,
    };
    let library = Library {
        metrics: BTreeMap::from([("accuracy".to_owned(), accuracy)]),
        ..Library::default()
    };
    let at_least = |right: Expr| binary(live("accuracy"), BinaryOp::GreaterOrEqual, right);
    let (five, seven) = (at_least(baseline_less(5)), at_least(baseline_less(7)));
    let case = search(&[(&seven, Wanted::Passes), (&five, Wanted::Fails)], &library);
    let Search::Found(case) = case else { panic!("there is a case") };
    assert_eq!(case[0], ("accuracy".to_owned(), permille(540)));
    assert_eq!(case[1], ("gate.baseline.accuracy".to_owned(), permille(600)));
    let case = search(&[(&five, Wanted::Passes), (&seven, Wanted::Fails)], &library);
    assert_eq!(case, Search::Nothing);
    // Without a baseline neither applies, and the floor alone decides.
    let floor = compare("accuracy", BinaryOp::Greater, 500);
    let conditions = [(&five, Wanted::Passes), (&floor, Wanted::Passes), (&seven, Wanted::Passes)];
    assert!(matches!(search(&conditions, &library), Search::Found(_)));
}

#[test]
fn what_cannot_be_tried_is_not_called_the_same() {
    let odd = |n: i64| {
        let call = Expr::Call(
            "odd".to_owned(),
            vec![(None, live("a")), (None, Expr::Value(Value::Int(n)))],
        );
        binary(call, BinaryOp::Greater, Expr::Value(Value::Int(1)))
    };
    let (old, new) = (odd(1), odd(2));
    let found = search(&[(&new, Wanted::Passes), (&old, Wanted::Fails)], &Library::default());
    assert_eq!(found, Search::Unknown);
}
