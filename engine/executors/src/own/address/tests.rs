use super::*;

fn reach(address: &str) -> Reach {
    judge(address.parse().unwrap())
}

#[test]
fn the_open_internet_is_open() {
    for address in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "100.128.0.1", "172.32.0.1"] {
        assert_eq!(reach(address), Reach::Open, "{address}");
    }
}

#[test]
fn what_is_private_stays_so_in_every_disguise() {
    for address in [
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "198.18.0.1",
        "::1",
        "fc00::1",
        "fd12:3456::1",
        "::ffff:127.0.0.1",
        "::ffff:10.1.2.3",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
    ] {
        assert_eq!(reach(address), Reach::Private, "{address}");
    }
}

#[test]
fn nobody_reaches_the_credentials_of_a_cloud() {
    for address in [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::",
        "fd00:ec2::254",
        "fe80::1",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "255.255.255.255",
        "ff02::1",
    ] {
        assert_eq!(reach(address), Reach::Never, "{address}");
    }
}

#[test]
fn a_step_reaches_the_private_hosts_it_names_and_no_other_port() {
    let guarded = Guarded::of(&["inference.staging:8080".to_owned(), "deployer".to_owned()]);
    let is_named = |uri: &str| guarded.is_named(&uri.parse().unwrap());
    assert!(is_named("http://inference.staging:8080/v1"));
    assert!(!is_named("http://inference.staging/v1"));
    assert!(is_named("http://deployer/a") && is_named("https://deployer:9/a"));
    assert!(!is_named("http://deployer.evil/"));
}
