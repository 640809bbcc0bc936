use super::*;
use std::fs;
use std::path::Path;
use suho_check::World;

/// Steps of the user's own, and a pipeline of `body`.
fn plan(body: &str) -> Plan {
    let text = format!(
        r#"edition 2026
secret token = env("TOKEN")
secret elsewhere = vault("kv/path#field")
step count {{
  in symbol: Symbol
  in token: Secret<Text>
  out rows: Int
  out share: Ratio
  exec = shell(
    """
    wc -l
    """,
    env: {{ SYMBOL = symbol, TOKEN = token }},
  )
}}
step deploy {{
  in share: Ratio
  in token: Secret<Text>
  out etag: Text
  effects = [net("deployer:80"), once]
  exec = http(
    method: patch,
    url: "http://deployer/v1",
    json: {{ traffic = share }},
    headers: {{ Authorization = token }},
  )
}}
step odd {{
  effects = [magic]
  exec = shell("true")
}}
pipeline p() {{
{body}
}}
"#
    );
    let checked = suho_check::check(&[("p.suho".to_owned(), text)], &Prelude);
    let errors = checked.diagnostics.iter().filter(|d| d.severity == suho_check::Severity::Error);
    assert_eq!(errors.count(), 0, "{:#?}", checked.diagnostics);
    suho_plan::build(&checked.program, "p", &[]).unwrap()
}

struct Prelude;

impl World for Prelude {
    fn prelude(&self) -> Vec<(String, String)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib/prelude");
        let file = |name: &str| (name.to_owned(), fs::read_to_string(folder.join(name)).unwrap());
        ["core.suho", "ml.suho", "rollout.suho"].map(file).into()
    }

    fn read(&self, _: &str, path: &str) -> Result<(String, String), String> {
        Err(format!("there is no `{path}`"))
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

/// Nothing has run.
struct Nothing;

impl suho_plan::Facts for Nothing {
    fn output(&self, _: &Name) -> Option<&Value> {
        None
    }
    fn live(&self, _: &str) -> Option<Value> {
        None
    }
}

/// What carries out the only step of `body`.
fn only(body: &str) -> Exec {
    let plan = plan(body);
    let node = &plan.nodes[0];
    let resolved = suho_plan::evaluate(node.exec.as_ref().unwrap(), &Nothing).unwrap();
    exec(node, &resolved).unwrap()
}

#[test]
fn a_script_is_ordered_with_its_inputs_and_the_place_of_its_secrets() {
    let exec = only("count c { symbol = \"EUR/USD\"\n token = token }");
    let How::Shell { script, env } = exec.how else { panic!("it is a script") };
    assert_eq!(script.trim_end(), "wc -l");
    let token = Variable::Secret(Keep::Env("TOKEN".to_owned()));
    let symbol = Variable::Text("EUR/USD".to_owned());
    let wanted = [("SYMBOL".to_owned(), symbol), ("TOKEN".to_owned(), token)];
    assert_eq!(env, BTreeMap::from(wanted));
    assert_eq!(exec.outputs.keys().collect::<Vec<_>>(), ["rows", "share"]);
    assert!(exec.place.starts_with("p.suho:"), "{}", exec.place);
}

#[test]
fn a_request_is_ordered_with_its_body_and_the_host_it_may_reach() {
    let exec = only("deploy d { share = 10%\n token = token }");
    assert_eq!(exec.hosts, ["deployer:80"]);
    let How::Http { method, url, json, answer, .. } = exec.how else { panic!("it is a request") };
    assert_eq!((&*method, &*url, answer), ("PATCH", "http://deployer/v1", Answer::Fields));
    assert_eq!(json, Some(json!({ "traffic": "10%" })));
}

#[test]
fn a_request_of_the_library_gives_its_answer_as_it_is() {
    let exec = only("http h { url = \"https://example.com/\" }");
    assert!(matches!(exec.how, How::Http { answer: Answer::Whole, .. }));
}

#[test]
fn memory_is_bounded_where_it_is_asked_for() {
    let exec =
        only("count c { symbol = \"EUR/USD\"\n token = token\n compute = cpu(memory: 2GiB) }");
    assert_eq!(exec.bounds.memory.map(Bytes::count), Some(2 << 30));
}

#[test]
fn what_this_suho_has_not_is_refused_before_anything_runs() {
    let image = "python@sha256:9b2e5f8a1c4d7b0e3f6a0d1f6a4c2b7e9f3a5d8c1b0e7f6a9d2c4b5e8f1a3c6d";
    let refusals = [
        (
            format!("container c {{ image = \"{image}\" }}"),
            "`c` is a container, and this suho starts no containers",
        ),
        (
            format!("shell s {{ script = \"true\"\n image = \"{image}\" }}"),
            "`s` is a script in an image, and this suho starts no containers",
        ),
        (
            "shell s { script = \"true\"\n \n env = { T = elsewhere } }".to_owned(),
            "`s` takes a secret from `vault`",
        ),
        ("odd o {}".to_owned(), "`o` has the effect `magic`, which is none of"),
        (
            "deploy d { share = 10%\n token = token\n retry = { attempts = 2 } }".to_owned(),
            "`d` has the effect `once`, so that no attempt follows another, and asks for 2 attempts",
        ),
    ];
    for (body, said) in refusals {
        let refused = admit(&plan(&body)).unwrap_err();
        assert!(refused.to_string().starts_with(said), "{refused}");
        assert_eq!(refused.fault(), Fault::User);
    }
    assert_eq!(admit(&plan("count c { symbol = \"EUR/USD\"\n token = token }")), Ok(()));
}

#[test]
fn only_a_script_without_effects_is_remembered() {
    let why = |body: &str| why_anew(&plan(body).nodes[0]);
    assert_eq!(why("count c { symbol = \"EUR/USD\"\n token = token }"), None);
    assert_eq!(
        why("count c { symbol = \"EUR/USD\"\n token = token\n cache = false }"),
        Some("`cache = false`")
    );
    assert_eq!(
        why("deploy d { share = 10%\n token = token }"),
        Some("a request is made every time")
    );
    assert_eq!(why("odd o {}"), Some("it has effects outside its outputs"));
}

#[test]
fn what_happens_once_is_never_repeated() {
    assert_eq!(effect(&plan("deploy d { share = 10%\n token = token }").nodes[0]), Effect::Once);
    assert_eq!(effect(&plan("odd o {}").nodes[0]), Effect::Repeatable);
}

#[test]
fn waits_between_attempts_are_as_declared() {
    let limits = |retry: &str| {
        let node =
            plan(&format!("shell s {{ script = \"true\"\n retry = {retry} }}")).nodes.remove(0);
        (node.limits.backoff.to_string(), backoff_max(&node).to_string())
    };
    assert_eq!(limits("{ attempts = 3 }"), ("10s".to_owned(), "10m".to_owned()));
    assert_eq!(
        limits("{ attempts = 3, backoff = exponential(first: 2s, limit: 1m) }"),
        ("2s".to_owned(), "1m".to_owned())
    );
    assert_eq!(
        limits("{ attempts = 3, backoff = constant(30s) }"),
        ("30s".to_owned(), "30s".to_owned())
    );
}

#[test]
fn a_rollout_with_a_limit_of_wall_time_is_refused() {
    let mut plan = plan("shell staging { script = \"true\"\n timeout = 2h }");
    assert_eq!(admit(&plan), Ok(()));
    for node in &mut plan.nodes {
        (node.role, node.exec) = (Role::Rollout, None);
    }
    let refused = admit(&plan).unwrap_err().to_string();
    assert!(refused.starts_with("`staging` has a `timeout`, which is wall time"), "{refused}");
    let default = Some(Limits::TIMEOUT_DEFAULT);
    plan.nodes.iter_mut().for_each(|node| node.limits.timeout = default);
    assert_eq!(admit(&plan), Ok(()));
}

/// What the plan of a pipeline with `budget` says of it, in an environment with `prices`, where a step
/// takes a machine for `limit`.
fn budgeted(budget: &str, prices: &str, limit: &str) -> String {
    let text = format!(
        "edition 2026\nuse std.ml\nenv here {{\n  prices = {prices}\n}}\n\
         pipeline p() {{\n  budget = {budget}\n  shell a {{\n    script = \"true\"\n{limit}\n  }}\n}}\n"
    );
    let checked = suho_check::check(&[("p.suho".to_owned(), text)], &Prelude);
    let errors = checked.diagnostics.iter().filter(|d| d.severity == suho_check::Severity::Error);
    assert_eq!(errors.count(), 0, "{:#?}", checked.diagnostics);
    let binding = suho_plan::Binding { environment: Some("here"), ..suho_plan::Binding::of(&[]) };
    let plan = suho_plan::build_in(&checked.program, "p", &binding).unwrap();
    match budget::held(&plan) {
        Ok(None) => "nothing costs".to_owned(),
        Ok(Some(most)) => most.to_string(),
        Err(error) => {
            assert!(obstacles(&plan).contains(&error), "it is told with what cannot be");
            error.to_string()
        }
    }
}

#[test]
fn a_budget_holds_what_machines_may_cost() {
    let machine = "    compute = gpu(\"m\")\n    timeout = 2h\n    retry = { attempts = 3 }";
    let prices = "{ \"m\" = 0.5 USD }";
    assert_eq!(budgeted("3 USD", prices, machine), "3 USD");
    assert_eq!(budgeted("3 USD", "{}", "    compute = auto"), "nothing costs");
    expect_test::expect![[""]].assert_eq(
        &[
            budgeted("2.99 USD", prices, machine),
            budgeted("3 EUR", prices, machine),
            budgeted("3 USD", "{}", machine),
        ]
        .join("\n"),
    );
}
