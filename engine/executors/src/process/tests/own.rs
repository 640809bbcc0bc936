//! Steps of the user's own, as real scripts and real requests.

use super::*;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use suho_domain::{Bytes, Record, Shape};
use suho_step::exec::{Answer, Bounds, How, Keep, Variable};

/// What the engine's environment holds besides.
const SECRET: (&str, &str) = ("AWS_SECRET_ACCESS_KEY", "hush");
const LONG_SECRET: (&str, &str) = ("DEPLOY_TOKEN", "tok-3n-of-gold");

/// A project, and attempts of scripts in it.
struct Yard {
    scene: Scene,
    project: tempfile::TempDir,
}

fn own(how: How) -> Exec {
    Exec {
        how,
        outputs: BTreeMap::new(),
        hosts: Vec::new(),
        bounds: Bounds::default(),
        place: "steps.suho:7".to_owned(),
    }
}

fn script(script: &str) -> Exec {
    own(How::Shell { script: script.to_owned(), env: BTreeMap::new() })
}

impl Yard {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = [SECRET, LONG_SECRET].map(|(name, value)| (name.into(), value.into()));
        let executor = ProcessExecutor::at(folder.path(), std::env::vars_os().chain(secrets));
        let project = tempfile::tempdir().unwrap();
        fs::create_dir(project.path().join(".suho")).unwrap();
        fs::write(project.path().join(".suho/suho.db"), "the engine's").unwrap();
        fs::write(project.path().join("config.txt"), "forty two").unwrap();
        Self { scene: Scene { folder, executor }, project }
    }

    fn order(&self, exec: Exec) -> Order {
        Order {
            project: self.project.path().to_owned(),
            artifacts: self.project.path().join(".suho/artifacts").display().to_string(),
            exec: Some(exec),
            ..order("own")
        }
    }

    /// What the attempt comes to.
    fn run(&mut self, order: &Order) -> Result<Record, StepError> {
        self.scene.submit(order);
        match self.scene.outcome(order).result {
            Ending::Succeeded { outputs } => Ok(outputs),
            Ending::Failed(error) => Err(error),
        }
    }

    fn script(&mut self, text: &str) -> Result<Record, StepError> {
        let order = self.order(script(text));
        self.run(&order)
    }

    fn said(&self) -> String {
        let order = self.order(script(""));
        self.scene.log(&order, Stream::Stdout) + &self.scene.stderr(&order)
    }
}

#[test]
fn a_script_reads_its_environment_and_gives_back_what_it_declares() {
    let mut yard = Yard::new();
    let text = r#"printf '{"rows": %s, "key": "%s/%s"}' "$ROWS" "$SUHO_ATTEMPT_KEY" "$SUHO_EPOCH" > "$SUHO_OUT/outputs.json""#;
    let env = BTreeMap::from([("ROWS".to_owned(), Variable::Text("42".to_owned()))]);
    let mut exec = own(How::Shell { script: text.to_owned(), env });
    exec.outputs =
        BTreeMap::from([("rows".to_owned(), Shape::Int), ("key".to_owned(), Shape::Text)]);
    let order = yard.order(exec);
    let outputs = yard.run(&order).unwrap();
    assert_eq!(outputs["rows"], Value::Int(42));
    assert_eq!(outputs["key"], Value::text(format!("{}/3", order.key)));
}

#[test]
fn what_stands_in_an_input_is_never_run() {
    let mut yard = Yard::new();
    let wicked = "$(touch gone) `touch gone` ; touch gone #'\"\n";
    let env = BTreeMap::from([("NAME".to_owned(), Variable::Text(wicked.to_owned()))]);
    let script = "printf '%s' \"$NAME\"; ls".to_owned();
    let order = yard.order(own(How::Shell { script, env }));
    yard.run(&order).unwrap();
    assert_eq!(yard.said(), format!("{wicked}config.txt\n"));
}

#[test]
fn a_script_works_in_its_own_folder_and_sees_the_project() {
    let mut yard = Yard::new();
    yard.script("cat config.txt; touch mine; ls -A; pwd; echo \"$HOME\"").unwrap();
    let work = yard.scene.path(&order("own"), "work");
    let work = work.display();
    assert_eq!(yard.said(), format!("forty twoconfig.txt\nmine\n{work}\n{work}\n"));
    assert!(!yard.project.path().join("mine").exists());
}

#[test]
fn a_script_sees_nothing_of_the_engines_environment_but_what_it_names() {
    let mut yard = Yard::new();
    yard.script("env | sed 's/=.*//' | sort | tr '\\n' ' '").unwrap();
    let said = yard.said();
    for name in ["SUHO_OUT", "SUHO_PROJECT", "SUHO_ARTIFACTS", "SUHO_SEED", "PATH", "TMPDIR"] {
        assert!(said.split(' ').any(|each| each == name), "{name} is not in {said}");
    }
    for name in [SECRET.0, LONG_SECRET.0, "CARGO_MANIFEST_DIR"] {
        assert!(!said.contains(name), "{said}");
    }
}

#[test]
fn a_secret_reaches_the_script_that_names_it_and_no_log() {
    let mut yard = Yard::new();
    let keep = Variable::Secret(Keep::Env(LONG_SECRET.0.to_owned()));
    let env = BTreeMap::from([("TOKEN".to_owned(), keep)]);
    let script = "echo \"it is $TOKEN\"; echo ${#TOKEN}; echo \"$TOKEN\" >&2; exit 3".to_owned();
    let order = yard.order(own(How::Shell { script, env }));
    let error = yard.run(&order).unwrap_err();
    assert_eq!(yard.said(), "it is [secret]\n14\n[secret]\n");
    assert!(!error.to_string().contains(LONG_SECRET.1), "{error}");
    for file in fs::read_dir(yard.scene.path(&order, "")).unwrap().flatten() {
        let text = fs::read_to_string(file.path()).unwrap_or_default();
        assert!(!text.contains(LONG_SECRET.1), "{} holds it", file.path().display());
    }
}

#[test]
fn a_secret_that_is_not_there_is_missed_before_anything_runs() {
    let mut yard = Yard::new();
    let keep = Variable::Secret(Keep::Env("NOBODY_SET_THIS".to_owned()));
    let env = BTreeMap::from([("TOKEN".to_owned(), keep)]);
    let order = yard.order(own(How::Shell { script: "echo begun".to_owned(), env }));
    let error = yard.run(&order).unwrap_err();
    assert_eq!((error.class, &*error.code), (FailureClass::User, "secret-missing"));
    assert_eq!(
        error.message,
        "steps.suho:7: the secret `NOBODY_SET_THIS` is not in the engine's environment"
    );
    assert_eq!(yard.said(), "");
}

#[test]
fn an_output_that_gives_a_secret_away_is_refused() {
    let mut yard = Yard::new();
    let keep = Variable::Secret(Keep::Env(LONG_SECRET.0.to_owned()));
    let env = BTreeMap::from([("TOKEN".to_owned(), keep)]);
    let script = r#"printf '{"it": "%s"}' "$TOKEN" > "$SUHO_OUT/outputs.json""#.to_owned();
    let mut exec = own(How::Shell { script, env });
    exec.outputs = BTreeMap::from([("it".to_owned(), Shape::Text)]);
    let order = yard.order(exec);
    assert_eq!(yard.run(&order).unwrap_err().code, "secret-in-outputs");
}

#[test]
fn the_end_of_a_script_has_a_class_and_its_last_words() {
    let ends = [
        (
            "echo no such month >&2; exit 3",
            FailureClass::User,
            "steps.suho:7: the script ended with exit code 3; its last words: `no such month`",
        ),
        (
            "exit 75",
            FailureClass::Infrastructure,
            "steps.suho:7: the script asked for another attempt (exit code 75)",
        ),
        ("kill -SEGV $$", FailureClass::User, "steps.suho:7: signal 11 ended the script"),
        (
            "kill -KILL $$",
            FailureClass::Infrastructure,
            "steps.suho:7: the script was ended from outside, perhaps for want of memory",
        ),
        (
            "true; false; echo never",
            FailureClass::User,
            "steps.suho:7: the script ended with exit code 1",
        ),
    ];
    for (text, class, message) in ends {
        let error = Yard::new().script(text).unwrap_err();
        assert_eq!((error.class, &*error.message), (class, message), "{text}");
    }
}

#[test]
fn a_script_that_is_deaf_to_its_end_is_ended_with_all_it_started() {
    let mut yard = Yard::new();
    // One child in a session of its own, and all of them deaf.
    let text = "trap '' TERM; (trap '' TERM; setsid sh -c 'trap \"\" TERM; echo > ready; while :; do sleep 1; done') & while :; do sleep 1; done";
    let mut exec = script(text);
    exec.bounds.grace = Duration::from_millis(100);
    let mut order = yard.order(exec);
    order.timeout = Some(Duration::from_millis(300));
    let error = yard.run(&order).unwrap_err();
    assert_eq!((error.class, &*error.code), (FailureClass::Timeout, "timed-out"));
    assert_eq!(error.message, "steps.suho:7: the step ran longer than its limit of 300ms");
    assert_eq!(marked(&yard, &order), [""; 0]);
}

#[test]
fn what_a_script_leaves_running_ends_with_it() {
    let mut yard = Yard::new();
    let text = "setsid sleep 1000 > /dev/null 2>&1 & echo done";
    yard.script(text).unwrap();
    assert_eq!(yard.said(), "done\n");
    assert_eq!(marked(&yard, &yard.order(script(text))), [""; 0]);
}

#[test]
fn when_the_shim_is_killed_its_script_and_what_that_started_end() {
    let mut yard = Yard::new();
    let text = "setsid sleep 1000 & echo > ready; sleep 1000";
    let order = yard.order(script(text));
    yard.scene.submit(&order);
    let ready = yard.scene.path(&order, "work/ready");
    until(|| ready.exists().then_some(()));
    let shim = alive::begun_in(&yard.scene.path(&order, "")).unwrap().unwrap();
    rustix::process::kill_process(shim, Signal::KILL).unwrap();
    assert_eq!(yard.scene.end(&order), Observed::Gone(FailureClass::Infrastructure));
    until(|| marked(&yard, &order).is_empty().then_some(()));
}

#[test]
fn an_asked_end_is_passed_on_and_waited_for() {
    let mut yard = Yard::new();
    let text = "trap 'echo put away >&2; exit 0' TERM; echo > ready; while :; do sleep 0.01; done";
    let order = yard.order(script(text));
    yard.scene.submit(&order);
    let ready = yard.scene.path(&order, "work/ready");
    until(|| ready.exists().then_some(()));
    yard.scene.executor.terminate(&order.key).unwrap();
    assert_eq!(yard.scene.failure(&order).class, FailureClass::Cancelled);
    assert!(yard.said().contains("put away\n"), "{}", yard.said());
}

#[test]
fn a_fork_bomb_ends_in_a_sentence() {
    let mut yard = Yard::new();
    // Bounded all the same: should nobody end it, it ends itself after 200 processes.
    let text = "i=0; while [ $i -lt 200 ]; do i=$((i+1)); sleep 30 & done; wait";
    let mut exec = script(text);
    exec.bounds.processes = 16;
    let order = yard.order(exec);
    let error = yard.run(&order).unwrap_err();
    // Where the kernel counts the user's processes it says no first, and the shell says so.
    let is_said = error.code == "too-many-processes" || error.to_string().contains("fork");
    assert!(is_said && error.class == FailureClass::User, "{error:?}");
    assert_eq!(marked(&yard, &order), [""; 0]);
}

#[test]
fn a_script_that_takes_too_much_memory_is_ended() {
    let mut yard = Yard::new();
    // `tail` holds all that has no line end.
    let mut exec = script("(head -c 24000000 /dev/zero; sleep 30) | tail -n 1 > /dev/null");
    exec.bounds.memory = Some(Bytes::new(16 << 20));
    let order = yard.order(exec);
    let error = yard.run(&order).unwrap_err();
    assert_eq!((error.class, &*error.code), (FailureClass::OutOfMemory, "out-of-memory"));
    assert!(error.message.ends_with("of memory; it may hold 16 MiB"), "{error}");
}

#[test]
fn a_process_that_grows_between_two_looks_is_refused_more() {
    let mut yard = Yard::new();
    let mut exec = script("head -c 400000000 /dev/zero | tail -n 1 > /dev/null");
    exec.bounds.memory = Some(Bytes::new(16 << 20));
    let order = yard.order(exec);
    assert!(yard.run(&order).is_err());
}

#[test]
fn a_file_that_grows_too_large_is_stopped() {
    let mut yard = Yard::new();
    let mut exec = script("exec head -c 3000000 /dev/zero > big");
    exec.bounds.file_bytes = 1 << 20;
    let order = yard.order(exec);
    let error = yard.run(&order).unwrap_err();
    assert_eq!(error.message, "steps.suho:7: the script wrote a file of more than 1 MiB");
}

#[test]
fn a_script_that_talks_without_end_fills_no_disk() {
    let mut yard = Yard::new();
    let mut exec = script("yes | head -c 3000000");
    exec.bounds.log_bytes = 1_000;
    let order = yard.order(exec);
    yard.run(&order).unwrap();
    let said = yard.said();
    assert!(said.ends_with("[the log is full; 2999000 bytes more were said and are not kept]\n"));
    assert!(said.len() < 1_200);
}

#[test]
fn a_script_cannot_read_what_the_engine_knows_or_write_to_the_project() {
    let mut yard = Yard::new();
    yard.script(
        "cat \"$SUHO_PROJECT/.suho/suho.db\" || echo kept; echo x >> config.txt || echo whole; \
         echo x > \"$TMPDIR/mine\" && echo mine; cat /etc/shadow || echo shadow",
    )
    .unwrap();
    if yard.said().contains("no landlock") {
        // Nothing more can be held on such a kernel; that it is said is what is tested.
        return;
    }
    let out = yard.scene.log(&order("own"), Stream::Stdout);
    assert_eq!(out, "kept\nwhole\nmine\nshadow\n");
    assert_eq!(fs::read_to_string(yard.project.path().join("config.txt")).unwrap(), "forty two");
}

#[test]
fn a_script_cannot_say_how_its_attempt_ended() {
    let mut yard = Yard::new();
    let forged = "echo '{}' > ../outcome.json || true; exit 4";
    let Err(error) = yard.script(forged) else { panic!("the script forged its outcome") };
    assert_eq!(error.code, "script-failed");
}

/// A server that answers each request with `answer`, and hands the requests on.
fn server(answer: &'static str) -> (u16, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = std::sync::mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
                    break;
                }
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            std::io::Read::read_exact(&mut reader, &mut body).unwrap();
            tell.send(head + &String::from_utf8(body).unwrap()).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (port, told)
}

fn asked(port: u16, answer: Answer) -> Exec {
    let headers = BTreeMap::from([
        ("X-Who".to_owned(), Variable::Text("desk".to_owned())),
        ("Authorization".to_owned(), Variable::Secret(Keep::Env(LONG_SECRET.0.to_owned()))),
    ]);
    let how = How::Http {
        method: "PATCH".to_owned(),
        url: format!("http://127.0.0.1:{port}/deployments/m-1"),
        json: Some(serde_json::json!({ "traffic_percentage": "10%" })),
        headers,
        answer,
    };
    Exec { hosts: vec![format!("127.0.0.1:{port}")], ..own(how) }
}

#[test]
fn a_request_is_sent_and_its_answer_read() {
    let (port, told) =
        server("HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n{\"etag\":\"e-7\",\"more\":1}\n");
    let mut yard = Yard::new();
    let mut exec = asked(port, Answer::Fields);
    exec.outputs = BTreeMap::from([("etag".to_owned(), Shape::Text)]);
    let order = yard.order(exec);
    let outputs = yard.run(&order).unwrap();
    assert_eq!(outputs["etag"], Value::text("e-7"));
    let request = told.recv().unwrap();
    assert!(request.starts_with("PATCH /deployments/m-1 HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("{\"traffic_percentage\":\"10%\"}"), "{request}");
    for line in [
        "x-who: desk",
        &format!("authorization: {}", LONG_SECRET.1),
        &format!("suho-attempt: {}", order.key),
    ] {
        assert!(request.contains(line), "`{line}` is not in {request}");
    }
    assert!(!yard.said().contains(LONG_SECRET.1));
}

#[test]
fn what_a_server_says_decides_whether_it_is_asked_again() {
    let answers = [
        (
            "HTTP/1.1 503 Later\r\nContent-Length: 4\r\n\r\nbusy",
            FailureClass::Infrastructure,
            "steps.suho:7: the server cannot now (503 Service Unavailable): `busy`",
        ),
        (
            "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
            FailureClass::User,
            "steps.suho:7: the server refuses (404 Not Found)",
        ),
        (
            "HTTP/1.1 302 There\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
            FailureClass::User,
            "steps.suho:7: the server sends elsewhere (302 Found)",
        ),
    ];
    for (answer, class, message) in answers {
        let (port, _told) = server(answer);
        let mut yard = Yard::new();
        let order = yard.order(asked(port, Answer::Whole));
        let error = yard.run(&order).unwrap_err();
        assert_eq!((error.class, &*error.message), (class, message));
    }
}

#[test]
fn a_private_address_is_refused_unless_the_step_names_it() {
    let (port, _told) = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    for (hosts, host) in [
        (vec![], "127.0.0.1"),
        (vec!["deployer".to_owned()], "2130706433"),
        (vec!["127.0.0.1:1".to_owned()], "[::ffff:127.0.0.1]"),
    ] {
        let mut yard = Yard::new();
        let mut exec = Exec { hosts, ..asked(port, Answer::Whole) };
        if let How::Http { url, .. } = &mut exec.how {
            *url = format!("http://{host}:{port}/");
        }
        let order = yard.order(exec);
        let error = yard.run(&order).unwrap_err();
        assert_eq!(
            (error.class, &*error.code),
            (FailureClass::User, "forbidden-address"),
            "{error:?}"
        );
    }
}

#[test]
fn a_server_that_says_nothing_runs_into_the_time_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut yard = Yard::new();
    let mut order = yard.order(asked(listener.local_addr().unwrap().port(), Answer::Whole));
    order.timeout = Some(Duration::from_millis(200));
    let error = yard.run(&order).unwrap_err();
    assert_eq!((error.class, &*error.code), (FailureClass::Timeout, "timed-out"));
}

/// The processes that hold the attempt's folder in their environment.
fn marked(yard: &Yard, order: &Order) -> Vec<String> {
    let mark = format!("SUHO_ATTEMPT_FOLDER={}", yard.scene.executor.folder(&order.key).display());
    let pids = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let holds = |path: &PathBuf| {
        let environment = fs::read(path.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
    };
    pids.filter(holds)
        .map(|path| fs::read_to_string(path.join("stat")).unwrap_or_default())
        .collect()
}
