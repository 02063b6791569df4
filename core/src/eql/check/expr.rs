//! Names and types within conditions.
//!
//! Elasticsearch checks `==` and its like loosely and lists strictly: `pid == "abc"` only fails once the search runs. Here a constant that
//! can never equal the other side is an error at once.

use super::super::{
    ast::{CompareOp, Expr, ExprKind, Field, Literal, MatchOp, Text},
    print::print_expression,
};
use super::{
    Checker,
    types::{BOOLEAN, NUMBER, TEXT, Type},
};
use crate::{
    diagnostic::{Diagnostic, codes},
    functions::{Function, Param, Signature},
    net::{Cidr, Ip},
    number::float,
    schema::{Family, FieldKind, Lookup, nearest},
    span::Span,
};
use alloc::{format, string::String};

/// Functions of older versions of EQL, and what is written today.
const GONE: &[(&str, &str)] = &[
    ("wildcard", "write 'field : \"pattern*\"', or 'field like \"pattern*\"' to respect the case"),
    ("match", "write 'field regex~ \"pattern\"'"),
    ("matchLite", "write 'field regex~ \"pattern\"'"),
    ("arrayContains", "a comparison holds if any element of an array satisfies it"),
    ("arrayCount", "a comparison holds if any element of an array satisfies it"),
    ("arraySearch", "a comparison holds if any element of an array satisfies it"),
    ("safe", "leave it away"),
];

impl Checker<'_> {
    /// An expression that must be true or false.
    pub(super) fn condition(&mut self, expr: &Expr) {
        self.value(expr);
        let found = self.type_of(&expr.kind);
        if found.is_comparable(BOOLEAN) {
            return;
        }
        let message = format!("a condition is true or false, but this is {}", found.name());
        let shown = match &expr.kind {
            ExprKind::Literal(_) => "compare it with something, or write 'true'".into(),
            _ => format!("compare it with something, for example '{} != null'", brief(expr)),
        };
        self.error(codes::NOT_BOOLEAN, expr.span, message, shown);
    }

    /// Any expression.
    fn value(&mut self, expr: &Expr) {
        if self.is_full() {
            return;
        }
        match &expr.kind {
            ExprKind::Literal(_) => {}
            ExprKind::Field(field) => self.field(field),
            ExprKind::Not(inner) => self.condition(inner),
            ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().for_each(|part| self.condition(part)),
            ExprKind::Compare { op, left, right } => self.comparison(*op, left, right),
            ExprKind::In { value, list, .. } => self.list(value, list),
            ExprKind::Match { op, value, patterns } => self.patterns(*op, value, patterns, expr.span),
            ExprKind::Arithmetic { left, right, .. } => {
                self.operand(left);
                self.operand(right);
            }
            ExprKind::Negate(inner) => self.operand(inner),
            ExprKind::Call { name, case_insensitive, args } => self.call(name, *case_insensitive, args, expr.span),
        }
    }

    /// A field whose values are used.
    pub(super) fn field(&mut self, field: &Field) {
        let mapped = self.schema.field(&field.path);
        let Lookup::Mapped { field: mapped, .. } = mapped else { return self.field_exists(field) };
        let exact = match &mapped.kind {
            FieldKind::Text => mapped.exact.is_some(),
            FieldKind::Unsupported(_) => return self.field_exists(field),
            _ => !mapped.normalized,
        };
        if exact {
            return;
        }
        let message = match mapped.normalized {
            true => format!("'{}' has a normalizer: it does not hold the text as it was", field.path),
            false => format!("'{}' is of type text and has no exact sub-field", field.path),
        };
        let help = "name a field of type keyword or wildcard";
        self.error(codes::TEXT_WITHOUT_EXACT, field.span, message, help);
    }

    /// A field that is only asked whether it has a value.
    fn field_exists(&mut self, field: &Field) {
        match self.schema.field(&field.path) {
            Lookup::Mapped { field: mapped, .. } => {
                if let FieldKind::Unsupported(name) = &mapped.kind {
                    let message = format!("'{}' is of type {name}, which EQL cannot search", field.path);
                    let help = match name.as_ref() {
                        "object" => "name one of the fields below it",
                        _ => "use another field",
                    };
                    self.error(codes::UNSUPPORTED_TYPE, field.span, message, help);
                }
            }
            Lookup::Unmapped if !field.optional && !self.unknown.contains(&field.path) => {
                self.unknown.push(field.path.clone());
                let help = match self.schema.suggest(&field.path) {
                    Some(near) => format!("did you mean '{near}'? If it may be missing, write '?{}'", field.path),
                    None => format!("if it may be missing, write '?{}'", field.path),
                };
                let message = format!("there is no field '{}'", field.path);
                self.error(codes::UNKNOWN_FIELD, field.span, message, help);
            }
            _ => {}
        }
    }

    fn comparison(&mut self, op: CompareOp, left: &Expr, right: &Expr) {
        // `x == null` needs no exact form of x.
        for (side, other) in [(left, right), (right, left)] {
            match (&side.kind, &other.kind) {
                (ExprKind::Field(field), ExprKind::Literal(Literal::Null)) => self.field_exists(field),
                _ => self.value(side),
            }
        }
        let (variable, constant) = match (self.is_constant(&left.kind), self.is_constant(&right.kind)) {
            (false, false) => {
                let help = "compare with a constant; several fields can be arguments of one function";
                let message = format!("'{}' is no constant: fields are not compared with fields", brief(right));
                return self.error(codes::FIELD_COMPARISON, right.span, message, help);
            }
            (false, true) => (left, right),
            (true, false) => (right, left),
            (true, true) => return,
        };
        if let CompareOp::Eq | CompareOp::Ne = op {
            self.literal_wildcard(variable, constant);
        }
        if !self.can_equal(variable, constant) {
            let (left, right) = (self.type_of(&variable.kind), self.type_of(&constant.kind));
            let message = match &constant.kind {
                ExprKind::Literal(Literal::Text(_)) if matches!(variable.kind, ExprKind::Field(_)) => {
                    format!("'{}' is {}, which this text never is", brief(variable), left.name())
                }
                _ => format!("'{}' is {}, but this is {}", brief(variable), left.name(), right.name()),
            };
            let help = format!("write {} here", left.name());
            self.error(codes::LITERAL_TYPE, constant.span, message, help);
        }
    }

    /// Warns of a `*` that is compared literally.
    fn literal_wildcard(&mut self, variable: &Expr, constant: &Expr) {
        let ExprKind::Literal(Literal::Text(text)) = &constant.kind else { return };
        if text.contains('*') && self.type_of(&variable.kind).is_comparable(TEXT) {
            let help = "for a wildcard write ':' (any case) or 'like'";
            let message = "'*' stands for itself here: '==', '!=' and 'in' know no wildcards";
            self.found.push(Diagnostic::warning(codes::WILDCARD_IN_EQUALS, constant.span, message).with_help(help));
        }
    }

    /// Whether a constant can equal some value of the other side. Text is read as the type of the field, as Elasticsearch's queries do;
    /// a computed value is only compared with its own type.
    fn can_equal(&self, variable: &Expr, constant: &Expr) -> bool {
        let (Type::Of(left), Type::Of(right)) = (self.type_of(&variable.kind), self.type_of(&constant.kind)) else {
            return true;
        };
        let ExprKind::Field(_) = variable.kind else { return left == right };
        let text = match &constant.kind {
            ExprKind::Literal(Literal::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        match (left, right) {
            // A keyword holds "5" for 5 and "true" for true.
            (Family::Text | Family::Version, _) => true,
            (Family::Number, Family::Text) => text.is_none_or(|text| float(text.trim()).is_some()),
            (Family::Boolean, Family::Text) => text.is_none_or(|text| matches!(text, "true" | "false")),
            (Family::Ip, Family::Text) => text.is_none_or(is_cidr),
            (Family::Date, Family::Text | Family::Number) => true,
            (left, right) => left == right,
        }
    }

    /// `value in (list)`
    fn list(&mut self, value: &Expr, list: &[Expr]) {
        self.value(value);
        let expected = self.type_of(&value.kind);
        for element in list {
            self.value(element);
            if self.is_full() {
                return;
            }
            if !self.is_constant(&element.kind) {
                let message = format!("'{}' is no constant: fields are not compared with fields", brief(element));
                self.error(codes::FIELD_IN_LIST, element.span, message, "write constants only");
                continue;
            }
            self.literal_wildcard(value, element);
            let found = self.type_of(&element.kind);
            if !expected.is_comparable(found) {
                let message = format!("'{}' is {}, but this is {}", brief(value), expected.name(), found.name());
                let help = match expected {
                    Type::Of(Family::Ip) => "write 'cidrMatch(field, \"10.0.0.0/8\", ..)', or '==' for each address",
                    Type::Of(Family::Date | Family::Version) => "write '==' for each value",
                    _ => "the elements of a list are of the type of what is looked for",
                };
                self.error(codes::LIST_TYPE, element.span, message, help);
            }
        }
    }

    /// `value : patterns`, `like`, `regex`
    fn patterns(&mut self, op: MatchOp, value: &Expr, patterns: &[Expr], span: Span) {
        self.value(value);
        let symbol = match op {
            MatchOp::Seq => ":",
            MatchOp::Like => "like",
            MatchOp::LikeInsensitive => "like~",
            MatchOp::Regex => "regex",
            MatchOp::RegexInsensitive => "regex~",
        };
        for pattern in patterns {
            self.value(pattern);
            let found = self.type_of(&pattern.kind);
            if !found.is_comparable(TEXT) {
                let message = format!("'{symbol}' takes text, but this is {}", found.name());
                return self.error(codes::PATTERN_NOT_TEXT, pattern.span, message, "consider using '=='");
            }
        }
        let found = self.type_of(&value.kind);
        if !found.is_comparable(TEXT) {
            let message = format!("'{symbol}' compares text, but '{}' is {}", brief(value), found.name());
            self.error(codes::NOT_TEXT, span, message, "consider using '=='; string() makes text of a value");
        }
    }

    /// An operand of arithmetic.
    fn operand(&mut self, expr: &Expr) {
        self.value(expr);
        let found = self.type_of(&expr.kind);
        if !found.is_comparable(NUMBER) {
            let message = format!("arithmetic takes numbers, but '{}' is {}", brief(expr), found.name());
            let help = "texts are joined by concat(), and number() reads a number from text";
            self.error(codes::OPERAND_NOT_NUMBER, expr.span, message, help);
        }
    }

    fn call(&mut self, name: &Text, case_insensitive: bool, args: &[Expr], span: Span) {
        args.iter().for_each(|arg| self.value(arg));
        let Some(function) = Function::lookup(&name.text) else { return self.unknown_function(name) };
        let signature = function.signature();
        if case_insensitive && !signature.case_variant {
            let message = format!("'{}' has no form with '~'", signature.name);
            self.error(codes::NO_CASE_VARIANT, name.span, message, format!("write '{}' without '~'", signature.name));
        }
        let enough = args.len() >= signature.min_args() && signature.max_args().is_none_or(|max| args.len() <= max);
        if !enough {
            let given = match args.len() {
                0 => "none is given".into(),
                1 => "one is given".into(),
                count => format!("{count} are given"),
            };
            let message = format!("'{}' takes {}, but {given}", signature.name, arity(signature));
            return self.error(codes::ARGUMENT_COUNT, span, message, format!("write {signature}"));
        }
        for (index, arg) in args.iter().enumerate() {
            if let Some(param) = signature.param(index) {
                self.argument(signature, param, arg);
            }
        }
    }

    fn argument(&mut self, signature: &Signature, param: &Param, arg: &Expr) {
        let constant = self.is_constant(&arg.kind);
        if param.constant && !constant {
            let message = format!("'{}' of {signature} is a constant", param.name);
            return self.error(codes::ARGUMENT_NOT_CONSTANT, arg.span, message, "write a constant");
        }
        let found = self.type_of(&arg.kind);
        // A constant address is written as text.
        let address = constant && param.kind == crate::functions::Kind::Ip && found == TEXT;
        if !address && !found.fits(param.kind) {
            let expected = Type::from(param.kind).name();
            let message = format!("'{}' of {signature} is {expected}, but this is {}", param.name, found.name());
            return self.error(codes::ARGUMENT_TYPE, arg.span, message, format!("give {expected}"));
        }
        if let ("cidrMatch", "cidr", ExprKind::Literal(Literal::Text(text))) = (signature.name, param.name, &arg.kind)
            && !is_cidr(text)
        {
            let help = "write an address and the length of its prefix: \"10.0.0.0/8\", \"fe80::/10\"";
            self.error(codes::BAD_CIDR, arg.span, "this is no CIDR block", help);
        }
    }

    fn unknown_function(&mut self, name: &Text) {
        let gone = GONE.iter().find(|(gone, _)| gone.eq_ignore_ascii_case(&name.text));
        let known = Function::all().map(|function| function.signature().name);
        let help = match (gone, nearest(&name.text, known)) {
            (Some((_, instead)), _) => (*instead).into(),
            (None, Some(near)) => format!("did you mean '{near}'?"),
            (None, None) => {
                let names: alloc::vec::Vec<&str> = Function::all().map(|function| function.signature().name).collect();
                format!("the functions are {}", names.join(", "))
            }
        };
        self.error(codes::UNKNOWN_FUNCTION, name.span, format!("there is no function '{}'", name.text), help);
    }
}

/// `10.0.0.0/8`, or a single address.
fn is_cidr(text: &str) -> bool {
    Cidr::parse(text).is_some() || Ip::parse(text).is_some()
}

/// `one argument`, `2 to 4 arguments`, `at least 2 arguments`
fn arity(signature: &Signature) -> String {
    match (signature.min_args(), signature.max_args()) {
        (1, Some(1)) => "one argument".into(),
        (1, None) => "at least one argument".into(),
        (least, Some(most)) if most == least => format!("{least} arguments"),
        (least, Some(most)) => format!("{least} to {most} arguments"),
        (least, None) => format!("at least {least} arguments"),
    }
}

/// The text of an expression for a message; long ones are cut.
fn brief(expr: &Expr) -> String {
    const SHOWN: usize = 60;
    let text = print_expression(expr);
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}..", text.get(..at).unwrap_or("")),
        None => text,
    }
}
