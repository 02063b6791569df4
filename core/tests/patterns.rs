//! Wildcards and regular expressions against plain twins on random input, and their limits.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use eqlite_core::pattern::{Case, Regex, TextSet, naive_wildcard};

/// A small generator of numbers: the same ones in every run.
struct Random(u64);
impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
    fn text(&mut self, alphabet: &[char], most: usize) -> String {
        (0..self.below(most + 1)).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }
}

#[test]
fn sets_match_what_any_of_their_patterns_matches() {
    let mut random = Random(1);
    let (letters, wild) = (['a', 'B', 'b', 'é', 'É', '😀'], ['a', 'A', 'b', 'é', 'É', '😀', '*', '*', '?']);
    let mut matched = 0;
    for round in 0..1500 {
        let case = [Case::Sensitive, Case::AsciiInsensitive, Case::UnicodeInsensitive][round % 3];
        let patterns: Vec<String> = (0..random.below(12)).map(|_| random.text(&wild, 5)).collect();
        let set = TextSet::new(&patterns, case, true);
        for _ in 0..5 {
            let text = random.text(&letters, 6);
            let expected = patterns.iter().any(|pattern| naive_wildcard(pattern, &text, case));
            assert_eq!(set.matches(&text), expected, "{patterns:?} on {text:?}, {case:?}");
            matched += usize::from(expected);
            if let Some(literals) = set.required_literals()
                && expected
                && case == Case::Sensitive
            {
                let found = set.exact_values().any(|exact| exact == text)
                    || literals.iter().any(|literal| text.contains(literal.as_str()));
                assert!(found, "{literals:?} are required by {patterns:?}, which match {text:?}");
            }
        }
    }
    assert!(matched > 700, "the random texts match often enough to tell something: {matched}");
}

#[test]
fn many_patterns_share_one_pass() {
    // More globs than are looked for together, and all of them with the same first literal.
    let patterns: Vec<String> = (0..2000).map(|n| format!("*\\temp\\*{n}x?.exe")).collect();
    let set = TextSet::new(&patterns, Case::AsciiInsensitive, true);
    assert!(
        set.matches("C:\\TEMP\\1999X1.EXE") && !set.matches("C:\\TEMP\\1999X.EXE") && !set.matches("C:\\TMP\\7x1.exe")
    );
    assert_eq!(set.required_literals().unwrap().len(), 2000);
}

#[test]
fn without_wildcards_stars_are_stars() {
    let set = TextSet::new(&["a*", "b?"], Case::Sensitive, false);
    assert!(set.is_exact() && set.matches("a*") && set.matches("b?") && !set.matches("ab"));
    let set = TextSet::new::<&str>(&[], Case::Sensitive, true);
    assert!(!set.matches("") && set.is_exact());
    assert!(TextSet::new(&["*"], Case::Sensitive, true).matches(""));
}

#[test]
fn fields_fold_ascii_only() {
    let fold = |case| TextSet::new(&["É*x"], case, true).matches("é1X");
    assert!(!fold(Case::Sensitive) && !fold(Case::AsciiInsensitive) && fold(Case::UnicodeInsensitive));
}

#[test]
fn a_hostile_text_costs_no_more_than_text_times_pattern() {
    let pattern = "*a".repeat(200) + "*b";
    let text = "a".repeat(100_000);
    assert!(!TextSet::new(&[&pattern], Case::AsciiInsensitive, true).matches(&text));
    assert!(!Regex::lucene("(a*)*b", false).unwrap().matches(&text));
}

/// The twin of the regular expressions: all the places where a match that starts at `at` may end, by the definition of each operator.
mod plain {
    pub(super) enum Node {
        Char(char),
        Any,
        Concat(Vec<Node>),
        Union(Vec<Node>),
        Star(Box<Node>),
        Optional(Box<Node>),
        Twice(Box<Node>),
        Not(Box<Node>),
        All(Vec<Node>),
    }

    pub(super) fn ends(node: &Node, text: &[char], at: usize) -> Vec<usize> {
        let mut ends = match node {
            Node::Char(c) => text.get(at).filter(|t| *t == c).map(|_| at + 1).into_iter().collect(),
            Node::Any => text.get(at).map(|_| at + 1).into_iter().collect(),
            Node::Concat(nodes) => nodes
                .iter()
                .fold(vec![at], |from, node| from.iter().flat_map(|at| self::ends(node, text, *at)).collect()),
            Node::Union(nodes) => nodes.iter().flat_map(|node| self::ends(node, text, at)).collect(),
            Node::Star(node) => {
                let mut reached = vec![at];
                let mut next = 0;
                while next < reached.len() {
                    for end in self::ends(node, text, reached[next]) {
                        if !reached.contains(&end) {
                            reached.push(end);
                        }
                    }
                    next += 1;
                }
                reached
            }
            Node::Optional(node) => self::ends(node, text, at).into_iter().chain([at]).collect(),
            Node::Twice(node) => {
                self::ends(node, text, at).into_iter().flat_map(|end| self::ends(node, text, end)).collect()
            }
            Node::Not(node) => {
                let not = self::ends(node, text, at);
                (at..=text.len()).filter(|end| !not.contains(end)).collect()
            }
            Node::All(nodes) => (at..=text.len())
                .filter(|end| nodes.iter().all(|node| self::ends(node, text, at).contains(end)))
                .collect(),
        };
        ends.sort_unstable();
        ends.dedup();
        ends
    }

    /// As text, of which the parser must make the same again.
    pub(super) fn print(node: &Node) -> String {
        match node {
            Node::Char(c) => format!("\\{c}").replace("\\a", "a").replace("\\b", "b"),
            Node::Any => ".".to_owned(),
            Node::Concat(nodes) if nodes.is_empty() => "()".to_owned(),
            Node::Concat(nodes) => nodes.iter().map(print).collect(),
            Node::Union(nodes) => format!("({})", nodes.iter().map(print).collect::<Vec<_>>().join("|")),
            Node::Star(node) => format!("({})*", print(node)),
            Node::Optional(node) => format!("({})?", print(node)),
            Node::Twice(node) => format!("({}){{2}}", print(node)),
            Node::Not(node) => format!("~({})", print(node)),
            Node::All(nodes) => {
                format!("({})", nodes.iter().map(|node| format!("({})", print(node))).collect::<Vec<_>>().join("&"))
            }
        }
    }
}

use plain::Node;

fn random_node(random: &mut Random, depth: usize, booleans: bool) -> Node {
    let inner = |random: &mut Random| Box::new(random_node(random, depth.saturating_sub(1), booleans));
    let some = |random: &mut Random| {
        (0..random.below(3) + 1).map(|_| random_node(random, depth.saturating_sub(1), booleans)).collect()
    };
    match random.below(if depth == 0 {
        4
    } else if booleans {
        12
    } else {
        10
    }) {
        0 | 1 => Node::Char(['a', 'b', '*', 'é'][random.below(4)]),
        2 => Node::Any,
        3 => Node::Concat(Vec::new()),
        4 | 5 => Node::Concat(some(random)),
        6 => Node::Union(some(random)),
        7 => Node::Star(inner(random)),
        8 => Node::Optional(inner(random)),
        10 => Node::Not(inner(random)),
        11 => Node::All(some(random)),
        _ => Node::Twice(inner(random)),
    }
}

#[test]
fn regular_expressions_mean_what_their_operators_say() {
    let mut random = Random(5);
    let mut matched = 0;
    for round in 0..400 {
        let mut node = random_node(&mut random, 3, round % 4 == 3);
        if round % 4 == 0 {
            node = Node::All(vec![node, Node::Not(Box::new(random_node(&mut random, 2, false)))]);
        } else if round % 4 == 1 {
            node = Node::Union(vec![Node::Not(Box::new(node)), random_node(&mut random, 2, false)]);
        }
        let pattern = plain::print(&node);
        let lucene = Regex::lucene(&pattern, false).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        for _ in 0..10 {
            let text = random.text(&['a', 'b', '*', 'é', '\n'], 5);
            let chars: Vec<char> = text.chars().collect();
            let expected = plain::ends(&node, &chars, 0).contains(&chars.len());
            assert_eq!(lucene.matches(&text), expected, "{pattern} on {text:?}");
            if round % 4 == 2 && !text.contains('\n') {
                let java = Regex::java(&pattern, false).unwrap_or_else(|error| panic!("{pattern}: {error}"));
                assert_eq!(java.matches(&text), expected, "java: {pattern} on {text:?}");
            }
            matched += usize::from(expected);
        }
    }
    assert!(matched > 700, "{matched}");
}

#[test]
fn intervals_are_all_numbers_between() {
    for (pattern, low, high) in
        [("<0-9>", 0, 9), ("<5-5>", 5, 5), ("<7-1234>", 7, 1234), ("<345-237>", 237, 345), ("<99-100>", 99, 100)]
    {
        let regex = Regex::lucene(pattern, false).unwrap();
        for n in 0..1300 {
            assert_eq!(regex.matches(&n.to_string()), (low..=high).contains(&n), "{n} in {pattern}");
        }
    }
    // Numbers of the same length keep it; others may have zeros in front.
    let fixed = Regex::lucene("<01-15>", false).unwrap();
    assert!(fixed.matches("07") && !fixed.matches("7") && !fixed.matches("007"));
    let free = Regex::lucene("<1-15>", false).unwrap();
    assert!(free.matches("7") && free.matches("007") && !free.matches("0"));
}

#[test]
fn a_list_of_patterns_is_one_automaton_and_names_the_bad_one() {
    let regex = Regex::lucene_any(&["a+", "~(b.*)&c.*", "x|y"], true).unwrap();
    for (text, expected) in [("AA", true), ("cx", true), ("bx", false), ("Y", true), ("", false)] {
        assert_eq!(regex.matches(text), expected, "{text}");
    }
    let error = Regex::lucene_any(&["a", "b)"], false).unwrap_err();
    assert_eq!((error.pattern, error.span.start, error.span.end), (1, 1, 2));
}

#[test]
fn what_cannot_be_run_is_told_with_its_place() {
    for (pattern, place) in [
        ("a(b", "(b"),
        ("[a", "[a"),
        ("[a-]", "a-]"),
        ("[z-a]", "z-a"),
        ("a{", "{"),
        ("a{2", "{2"),
        ("a{3,2}", "{3,2}"),
        ("\"open", "\""),
        ("<1-", "<"),
        ("<x>", "<x>"),
        ("\\q", "\\q"),
        ("a\\", "\\"),
        ("a|", ""),
    ] {
        let error = Regex::lucene(pattern, false).expect_err(pattern);
        assert_eq!(error.span.of(pattern), place, "{pattern}: {error}");
    }
    for (pattern, place) in [
        ("a++", "++"),
        ("(?=a)", "(?="),
        ("(?<!a)b", "(?<!"),
        ("(?>a)", "(?>"),
        ("(a)\\1", "\\1"),
        ("*a", "*"),
        ("a**", "**"),
        ("(?m)a", "(?m"),
        ("\\p{L}", "\\p{L}"),
        ("[a", "[a"),
        ("a)", ")"),
        ("\\y", "\\y"),
    ] {
        let error = Regex::java(pattern, false).expect_err(pattern);
        assert_eq!(error.span.of(pattern), place, "{pattern}: {error}");
    }
}

#[test]
fn patterns_have_limits() {
    assert!(Regex::lucene("(.{1,1000}){1,1000}", false).is_err());
    assert!(Regex::java("(.{1,1000}){1,1000}", false).is_err());
    // Without the determinism that `~` needs this is small; with it, 2^40 states.
    assert!(Regex::lucene("x~((a|b)*a(a|b){40})", false).is_err());
    for deep in ["(".repeat(100_000), "~".repeat(100_000), "a".to_owned() + &"?".repeat(100_000), "[".repeat(100_000)] {
        assert!(Regex::lucene(&deep, false).is_err());
        // In Java a tilde is a tilde.
        assert_eq!(Regex::java(&deep, false).is_err(), !deep.starts_with('~'));
    }
    // Long but flat is fine.
    let words: Vec<String> = (0..3000).map(|n| format!("word{n}.exe")).collect();
    assert!(Regex::lucene(&words.join("|"), true).unwrap().matches("WORD2999xEXE"));
}
