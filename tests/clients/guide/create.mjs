// The guide's request by axios, which packs an object.
import axios from 'axios';

const { URL: url, TOKEN, PAYLOAD } = process.env;
const headers = { authorization: `Bearer ${TOKEN}` };
const { status, data } = await axios.request({ method: 'POST', url, headers, data: JSON.parse(PAYLOAD), validateStatus: () => true });
console.log(`${JSON.stringify(data)}\n${status}`);
