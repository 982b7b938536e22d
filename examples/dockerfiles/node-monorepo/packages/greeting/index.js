exports.greet = (name) => `greetings from ${name}`;
