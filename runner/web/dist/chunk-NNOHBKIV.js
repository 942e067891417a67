var l=new Map,u=new Set,h=[500,1e3,2e3,4e3,8e3],f=document.documentElement.dataset.events??"",a="",v="connecting",s,m=!1,d=0,b=0;function L(e,o){let n=l.get(e)??new Set;return l.set(e,n),n.add(o),()=>n.delete(o)}function S(e){return u.add(e),e(v),()=>u.delete(e)}function T(e){a!==e&&(a=e,s&&p())}function A(){m||(m=!0,document.addEventListener("visibilitychange",()=>document.hidden?g():p()),window.addEventListener("online",p),window.addEventListener("pagehide",g),document.hidden||w())}function g(){clearTimeout(b),s?.abort(),s=void 0}function p(){g(),w()}async function w(){let e=new AbortController;s=e;try{let n={Accept:"text/event-stream"};f!==""&&(n["Last-Event-ID"]=f);let r="/api/v1/events"+(a===""?"":"?run="+encodeURIComponent(a)),t=await fetch(r,{headers:n,signal:e.signal,cache:"no-store"});if(!t.ok||!t.body)throw new Error(`the server answered ${t.status}`);y("live"),d=0,await x(t.body)}catch{}if(s!==e)return;y("reconnecting");let o=h[Math.min(d,h.length-1)]??8e3;d++,b=window.setTimeout(()=>{w()},o)}function y(e){if(v!==e){v=e;for(let o of u)o(e)}}async function x(e){let o=e.pipeThrough(new TextDecoderStream).getReader(),n="";for(;;){let{done:r,value:t}=await o.read();if(r)return;n=(n+t).replaceAll(`\r
`,`
`);let i=n.indexOf(`

`);for(;i>=0;)C(n.slice(0,i)),n=n.slice(i+2),i=n.indexOf(`

`)}}function C(e){let o="message",n=[];for(let t of e.split(`
`)){let i=t.indexOf(":");if(i<=0)continue;let c=t.slice(i+1).replace(/^ /,"");switch(t.slice(0,i)){case"id":f=c;break;case"event":o=c;break;case"data":n.push(c)}}if(n.length===0)return;let r=JSON.parse(n.join(`
`));for(let t of l.get(o)??[])t(r)}export{L as a,S as b,T as c,A as d};
